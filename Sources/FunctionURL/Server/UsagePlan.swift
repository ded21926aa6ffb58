/// A usage plan of API Gateway: who may call, how fast, and how often.
///
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
struct UsagePlan: Equatable, Sendable {
    /// Requests per second for each key, and how many at once.
    struct Throttle: Equatable, Sendable {
        var rate: Double
        var burst: Int
    }

    struct Quota: Equatable, Sendable {
        enum Period: String, CaseIterable { case day, week, month }

        var limit: Int
        var period: Period
    }

    enum Refusal: Equatable { case unknownKey, tooFast, quotaUsedUp }

    var keys: [APIKey]
    var throttle: Throttle?
    var quota: Quota?
    private var usage: [String: Usage] = [:]

    init(keys: [APIKey], throttle: Throttle? = nil, quota: Quota? = nil) {
        self.keys = keys
        self.throttle = throttle
        self.quota = quota
    }

    /// Counts a request, and returns the key that it was made with. Preflights need none.
    ///
    /// - Parameter now: in milliseconds since 1970.
    mutating func admit(_ request: CallerRequest, at now: Int) throws(Failure) -> APIKey? {
        guard request.method != "OPTIONS" else { return nil }
        let value = request.headers.first("x-api-key") ?? ""
        guard let key = keys.first(where: { $0.value.utf8.elementsEqual(value.utf8) }) else {
            throw .refused(.unknownKey)
        }
        var used = usage[key.id] ?? Usage(tokens: Double(throttle?.burst ?? 0), refilled: now)
        if let quota {
            used.enter(quota.period.number(at: now))
            guard used.count < quota.limit else { throw .refused(.quotaUsedUp) }
        }
        if let throttle {
            used.refill(throttle, at: now)
            guard used.tokens >= 1 else { throw .refused(.tooFast) }
            used.tokens -= 1
        }
        // Nothing was stored before this line, so a refused request isn't charged.
        used.count += 1
        usage[key.id] = used
        return key
    }

    private struct Usage: Equatable {
        var tokens: Double
        /// In milliseconds since 1970.
        var refilled: Int
        var period = 0
        var count = 0

        mutating func refill(_ throttle: Throttle, at now: Int) {
            let added = Double(max(0, now - refilled)) / 1000 * throttle.rate
            tokens = min(Double(throttle.burst), tokens + added)
            refilled = max(refilled, now)
        }

        mutating func enter(_ period: Int) {
            guard period != self.period else { return }
            self.period = period
            count = 0
        }
    }
}

extension UsagePlan.Quota.Period {
    /// Counts the periods, which begin at midnight UTC: weeks on Sundays, months on the first. AWS enforces quotas with
    /// a delay and reopens them gradually; here both happen at once.
    fileprivate func number(at now: Int) -> Int {
        let days = now / 86_400_000
        return switch self {
        case .day: days
        case .week: (days + 4) / 7  // 1970 began on a Thursday.
        case .month: UTC.monthNumber(now)
        }
    }
}

extension UsagePlan.Refusal {
    var status: Int { self == .unknownKey ? 403 : 429 }

    var message: String {
        switch self {
        case .unknownKey: "Forbidden"
        case .tooFast: "Too Many Requests"
        case .quotaUsedUp: "Limit Exceeded"
        }
    }

    var errorType: String {
        switch self {
        case .unknownKey: "ForbiddenException"
        case .tooFast: "TooManyRequestsException"
        case .quotaUsedUp: "LimitExceededException"
        }
    }
}

/// A key of API Gateway.
struct APIKey: Equatable, Sendable {
    var name: String
    var value: String

    /// Ten letters and digits, as AWS's ids have, that follow from the name. So events of one key look alike from run to
    /// run.
    var id: String {
        // FNV-1a
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 36)
        return String((String(repeating: "0", count: 10) + digits).suffix(10))
    }

    /// Reads `NAME=VALUE`. Nil if the name is empty, or if AWS wouldn't take the value: it has 20 to 128 characters.
    init?(_ text: String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        name = String(text[..<equals])
        value = String(text[equals...].dropFirst())
        guard (20...128).contains(value.utf8.count) else { return nil }
    }
}
