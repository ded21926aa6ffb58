import HTTPTypes
import Transport

/// The quota that a request has exceeded, and how long to wait.
struct QuotaExceeded: Equatable {
    enum Limit: Equatable {
        case quota(Quota)
        case parallel(Int)
    }

    let scope: Scope
    let limit: Limit
    /// Until the period ends or, for parallel requests, until it is worth trying again. In milliseconds.
    let wait: Int
    /// The header fields that tell the caller about its limits.
    let fields: RateLimitFields

    /// Chooses, of all quotas that have been reached, the one that lasts longest. The caller's own take precedence. Nil
    /// if none has been reached.
    /// - Parameter now: in milliseconds since 1970.
    init?(_ checked: [CheckedQuota], _ fields: RateLimitFields, at now: Int64) {
        let reached = checked.filter(\.result.isRefused).flatMap {
            $0.check.reached(by: $0.result.used ?? Usage(), at: now)
        }
        let own = reached.filter { $0.scope.server == nil }
        guard let worst = (own.isEmpty ? reached : own).max(by: { $0.wait < $1.wait }) else { return nil }
        (scope, limit, wait) = worst
        self.fields = fields
    }

    /// Whether it lasts so long that an SDK shouldn't wait.
    var isQuota: Bool {
        guard case .quota(let quota) = limit else { return false }
        return quota.period != .minute || quota.measure == .cost
    }

    /// OpenAI's name for it.
    var type: String {
        if isQuota { return "insufficient_quota" }
        guard case .quota(let quota) = limit, quota.measure == .tokens else { return "requests" }
        return "tokens"
    }

    var message: String {
        switch limit {
        case .quota(let quota):
            "The limit of \(scope.words) has been reached: \(quota.words). Try again in \(DurationText.words(wait))."
        case .parallel(let most):
            "The limit of \(scope.words) has been reached: \(most.counted("request")) open at once. Try again when one has ended."
        }
    }

    func write(to fields: inout HTTPFields) {
        self.fields.write(to: &fields)
        // Most clients don't know `x-should-retry`, and would wait for hours: docs/decisions/0023.
        guard !isQuota else { return fields[.shouldRetry] = "false" }
        fields[.retryAfter] = "\((wait + 999) / 1000)"
        fields[.retryAfterMilliseconds] = "\(wait)"
    }
}

extension QuotaCheck {
    /// It is unknown when an open request will end. In milliseconds.
    private static let waitForEnd = 1000

    fileprivate func reached(by used: Usage, at now: Int64) -> [(scope: Scope, limit: QuotaExceeded.Limit, wait: Int)] {
        switch self {
        case .lease(let lease, let scope): [(scope, .parallel(lease.quota), Self.waitForEnd)]
        case .counter(let counter, let scope, let quotas):
            quotas.filter { used[$0.measure] >= $0.amount }
                .map { (scope, .quota($0), max(1, Int(counter.end * 1000 - now))) }
        }
    }
}

extension Quota {
    fileprivate var words: String {
        switch measure {
        case .requests: "\(amount.counted("request")) a \(period.rawValue)"
        case .tokens: "\(amount.counted("token")) a \(period.rawValue)"
        case .cost: "$\(Double(amount) / 1e9) a \(period.rawValue)"
        }
    }
}

extension Int {
    /// `1 request`, `2 requests`.
    fileprivate func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

/// How much the caller has left, in OpenAI's header fields: for requests and tokens, the quota with the least left.
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
            guard case .counter(let counter, let scope, let quotas) = check, let used = result.used else { continue }
            // What all users have left together isn't for each of them to know.
            if case .caller(.issuer, _) = scope { continue }
            for quota in quotas { note(quota, used: used, reset: Int(counter.end * 1000 - now)) }
        }
    }

    private mutating func note(_ quota: Quota, used: Usage, reset: Int) {
        let rest = Rest(limit: quota.amount, remaining: max(0, quota.amount - used[quota.measure]), reset: reset)
        switch quota.measure {
        case .requests: requests = Self.tighter(requests, rest)
        case .tokens: tokens = Self.tighter(tokens, rest)
        // OpenAI has no fields for costs.
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

/// Durations as people and OpenAI write them.
enum DurationText {
    /// As OpenAI writes it: `120ms`, `12s`, `6m0s`, `17h15m0s`. Seconds are rounded up.
    static func words(_ milliseconds: Int) -> String {
        guard milliseconds >= 1000 else { return "\(milliseconds)ms" }
        let seconds = (milliseconds + 999) / 1000
        guard seconds >= 60 else { return "\(seconds)s" }
        guard seconds >= 3600 else { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds % 3600 / 60)m\(seconds % 60)s"
    }
}
