import Proxy
import YAML

extension Section {
    /// The limits of a key, of a key at one server, and of a server.
    static let limitKeys = Quota.keys.map(\.key) + ["max_parallel_requests", "max_budget", "budget_duration"]
    /// Limits that can't be counted without reading the responses.
    static let usageLimitKeys = Quota.keys.filter { $0.measure == .tokens }.map(\.key) + ["max_budget"]

    private static let durations: [String: Period] = [
        "day": .day, "1d": .day, "24h": .day, "month": .month, "1mo": .month,
    ]

    mutating func quotaSet() throws(ConfigurationError) -> QuotaSet {
        var quotaSet = QuotaSet()
        for (key, measure, period) in Quota.keys {
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
            throw error("budget_duration", "needs 'max_budget'; add that, or remove this key")
        }
        guard let text = try completeText("budget_duration") else { return nil }
        guard let period = Self.durations[text] else {
            throw error("budget_duration", "must be 'day' or 'month', after which a budget starts again (in UTC)")
        }
        return period
    }

    /// Refuses keys that would have to read the bodies of a reverse proxy.
    func refuseUnread(_ keys: [String], of proxy: String = "'reverse_proxy'") throws(ConfigurationError) {
        for key in keys where node(key) != nil {
            throw error(key, "can't be combined with \(proxy), which doesn't read bodies; remove one of them")
        }
    }
}

extension Server {
    static let costKeys = ["input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"]

    /// `isReverseProxy` must be set before.
    mutating func readUse(_ section: inout Section) throws(ConfigurationError) {
        if isReverseProxy {
            try section.refuseUnread(Self.costKeys + ["model_costs", "stream_usage"] + Section.usageLimitKeys)
        }
        prices.standard = try section.price()
        prices.models = try section.modelPrices("model_costs")
        quotaSet = try section.quotaSet()
        guard section.node("max_budget") != nil, !section.hasPrices else { return }
        throw section.error(
            "max_budget",
            "could never be reached without prices; "
                + "give 'input_cost_per_token' and 'output_cost_per_token', or 'model_costs'")
    }

    /// Warns of prices for an alias: they must be for the model that is sent. A pattern that matches an alias is fine
    /// if there is a standard price, because it may be meant for other models.
    var unusedPriceWarnings: [String] {
        guard !prices.models.isEmpty else { return [] }
        return modelAliases.sorted { $0.key < $1.key }.compactMap { alias, model in
            let price = prices.models.first { $0.pattern.matches(alias) }?.pattern.text
            guard let price, price == alias || prices.standard == nil,
                !prices.models.contains(where: { $0.pattern.matches(model) })
            else { return nil }
            return
                "the price for '\(price)' in 'model_costs' of the server '\(name)' isn't used for the alias '\(alias)', "
                + "which stands for '\(model)'; write the price under '\(model)'"
        }
    }
}

extension Section {
    /// Whether prices are given, even if one of their variables is missing.
    var hasPrices: Bool { node("input_cost_per_token") != nil || node("model_costs")?.members.isEmpty == false }

    /// Nil if no prices are given, or if one of their variables is missing.
    fileprivate mutating func price() throws(ConfigurationError) -> Price? {
        let written = Server.costKeys.filter { node($0) != nil }
        if let first = written.first {
            for key in ["input_cost_per_token", "output_cost_per_token"] where !written.contains(key) {
                throw error(first, "also needs '\(key)'; use 0 if it costs nothing")
            }
        }
        let input = try dollars("input_cost_per_token")
        let output = try dollars("output_cost_per_token")
        let cached = try dollars("cache_read_input_token_cost")
        guard let input, let output else { return nil }
        return Price(input: input, output: output, cachedInput: cached)
    }

    private mutating func dollars(_ key: String) throws(ConfigurationError) -> Double? {
        guard let text = try completeText(key) else { return nil }
        guard let dollars = Double(text), (0...1).contains(dollars) else {
            throw error(key, "must be the price of one token in dollars, from 0 to 1, such as 0.0000025")
        }
        return dollars
    }

    fileprivate mutating func modelPrices(
        _ key: String
    ) throws(ConfigurationError) -> [(pattern: ModelPattern, price: Price)] {
        var prices: [(pattern: ModelPattern, price: Price)] = []
        for member in try members(of: key, "from model names to prices") {
            var section = try section(member.value, "the costs of '\(member.key)'", keys: Server.costKeys)
            guard section.hasPrices else { throw section.error("input_cost_per_token", "is missing") }
            let price = try section.price()
            adopt(missing: section.missing)
            if let price { prices.append((ModelPattern(member.key), price)) }
        }
        return prices
    }
}
