import HTTPTypes
import Transport

/// How much is left to the caller, in the fields in which OpenAI says it: of all quotas the one with least left.
struct RateLimitFields: Equatable {
    struct Rest: Equatable {
        let limit: Int
        let remaining: Int
        /// Until the period ends, in milliseconds.
        let reset: Int
    }

    private(set) var requests: Rest?
    private(set) var tokens: Rest?

    /// - Parameter now: in milliseconds since 1970.
    mutating func note(_ checked: [CheckedQuota], at now: Int64) {
        for (check, result) in checked {
            guard case .counter(let counter, _, let quotas) = check, let used = result.used else { continue }
            for quota in quotas { note(quota, used: used, reset: Int(counter.end * 1000 - now)) }
        }
    }

    private mutating func note(_ quota: Quota, used: Usage, reset: Int) {
        let rest = Rest(limit: quota.amount, remaining: max(0, quota.amount - used[quota.measure]), reset: reset)
        switch quota.measure {
        case .requests: requests = Self.tighter(requests, rest)
        case .tokens: tokens = Self.tighter(tokens, rest)
        // OpenAI has no fields for it.
        case .cost: break
        }
    }

    func write(to fields: inout HTTPFields) {
        if let requests {
            fields[.known("x-ratelimit-limit-requests")] = "\(requests.limit)"
            fields[.known("x-ratelimit-remaining-requests")] = "\(requests.remaining)"
            fields[.known("x-ratelimit-reset-requests")] = DurationText.words(requests.reset)
        }
        if let tokens {
            fields[.known("x-ratelimit-limit-tokens")] = "\(tokens.limit)"
            fields[.known("x-ratelimit-remaining-tokens")] = "\(tokens.remaining)"
            fields[.known("x-ratelimit-reset-tokens")] = DurationText.words(tokens.reset)
        }
    }

    private static func tighter(_ one: Rest?, _ other: Rest) -> Rest {
        one.map { $0.remaining <= other.remaining ? $0 : other } ?? other
    }
}
