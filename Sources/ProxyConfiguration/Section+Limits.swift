import Proxy

extension Section {
    /// The same for a key, for a key at one server, and for a server.
    static let limitKeys = quotas.map(\.key) + ["max_parallel_requests", "max_budget", "budget_duration"]
    /// Those that can't be counted without reading the answers.
    static let usageLimitKeys = quotas.filter { $0.measure == .tokens }.map(\.key) + ["max_budget"]

    private static let quotas: [(key: String, measure: Measure, period: Period)] = [
        ("rpm", .requests, .minute), ("tpm", .tokens, .minute),
        ("requests_per_day", .requests, .day), ("tokens_per_day", .tokens, .day),
        ("requests_per_month", .requests, .month), ("tokens_per_month", .tokens, .month),
    ]
    private static let durations: [String: Period] = [
        "day": .day, "1d": .day, "24h": .day, "month": .month, "1mo": .month,
    ]

    mutating func quotaSet() throws(ConfigurationError) -> QuotaSet {
        var quotaSet = QuotaSet()
        for (key, measure, period) in Self.quotas {
            guard let amount = try integer(key, in: 1...1_000_000_000_000) else { continue }
            quotaSet.quotas.append(Quota(measure, each: period, amount))
        }
        if let budget = try budget() { quotaSet.quotas.append(budget) }
        quotaSet.parallel = try integer("max_parallel_requests", in: 1...1000)
        return quotaSet
    }

    private mutating func budget() throws(ConfigurationError) -> Quota? {
        let period = try budgetPeriod() ?? .month
        guard let text = try completeText("max_budget") else { return nil }
        guard let dollars = Double(text), dollars > 0, dollars <= 1e9 else {
            throw error("max_budget", "must be a number of dollars, more than 0 and at most 1000000000")
        }
        return Quota(.cost, each: period, max(1, Int((dollars * 1e9).rounded())))
    }

    private mutating func budgetPeriod() throws(ConfigurationError) -> Period? {
        guard node("budget_duration") != nil else { return nil }
        guard node("max_budget") != nil else {
            throw error("budget_duration", "is for how long 'max_budget' lasts; give that too, or take this out")
        }
        guard let text = try completeText("budget_duration") else { return nil }
        guard let period = Self.durations[text] else {
            throw error("budget_duration", "must be 'day' or 'month': a budget begins anew with those of UTC")
        }
        return period
    }

    /// Refuses what would have to read the bodies of a reverse proxy.
    func refuseUnread(_ keys: [String], of proxy: String = "'reverse_proxy'") throws(ConfigurationError) {
        for key in keys where node(key) != nil {
            throw error(key, "can't work beside \(proxy), which passes bodies unread; take one of them out")
        }
    }
}
