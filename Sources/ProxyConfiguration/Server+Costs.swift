import Proxy
import YAML

extension Server {
    static let costKeys = ["input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"]

    /// Needs to know whether it's a reverse proxy.
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

    /// Prices that are written for an alias, though they go by the model that is sent. A pattern may be meant for others
    /// where there is a price for the rest.
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
    /// Whether there are prices, even if a variable of theirs is missing.
    var hasPrices: Bool { node("input_cost_per_token") != nil || node("model_costs")?.members.isEmpty == false }

    /// Nil without prices, or if a variable of theirs is missing.
    fileprivate mutating func price() throws(ConfigurationError) -> Price? {
        let written = Server.costKeys.filter { node($0) != nil }
        if let first = written.first {
            for key in ["input_cost_per_token", "output_cost_per_token"] where !written.contains(key) {
                throw error(first, "needs '\(key)' beside it; give that too, 0 if it costs nothing")
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
            throw error(key, "must be the dollars for one token, from 0 to 1, such as 0.0000025")
        }
        return dollars
    }

    fileprivate mutating func modelPrices(
        _ key: String
    ) throws(ConfigurationError) -> [(pattern: ModelPattern, price: Price)] {
        var prices: [(pattern: ModelPattern, price: Price)] = []
        for member in try members(of: key, "from models' names to their costs") {
            var section = try section(member.value, "the costs of '\(member.key)'", keys: Server.costKeys)
            guard section.hasPrices else { throw section.error("input_cost_per_token", "is missing") }
            let price = try section.price()
            adopt(missing: section.missing)
            if let price { prices.append((ModelPattern(member.key), price)) }
        }
        return prices
    }
}
