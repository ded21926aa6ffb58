import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct CostTests {
    @Test("Prices are read, with those of models in the order of the file")
    func readsPrices() throws {
        let prices = try server(
            """
              input_cost_per_token: 0.0000025
              output_cost_per_token: ${OUTPUT}
              cache_read_input_token_cost: 1.25e-6
              model_costs:
                gpt-4o-mini: {input_cost_per_token: 1.5e-7, output_cost_per_token: 6e-7}
                gpt-*:
                  input_cost_per_token: 0
                  output_cost_per_token: 1
                  cache_read_input_token_cost: 0
            """, ["OUTPUT": "1e-05"]
        ).prices
        #expect(prices.standard == Price(input: 0.0000025, output: 0.00001, cachedInput: 0.00000125))
        #expect(prices.models.map(\.pattern.text) == ["gpt-4o-mini", "gpt-*"])
        #expect(prices.models[0].price == Price(input: 1.5e-7, output: 6e-7))
        #expect(prices.models[1].price == Price(input: 0, output: 1, cachedInput: 0))
        #expect(prices.price(of: "gpt-4o-mini") == prices.models[0].price)
    }

    @Test("Without prices nothing costs anything")
    func readsNone() throws {
        let prices = try server("  input_cost_per_token:\n  output_cost_per_token:\n  model_costs:\n").prices
        #expect(prices.isEmpty)
    }

    @Test("A price whose variable is missing makes its server unusable, and a budget is not called out of reach")
    func leavesMissingPrices() throws {
        for prices in [
            "  input_cost_per_token: ${X}\n  output_cost_per_token: 0",
            "  model_costs: {m: {input_cost_per_token: '${X}', output_cost_per_token: 0}}",
        ] {
            let server = try server("\(prices)\n  max_budget: 1")
            #expect(server.missingVariables == ["X"])
            #expect(server.prices.isEmpty)
        }
    }

    private static let cost = "{input_cost_per_token: 1, output_cost_per_token: 1}"
    /// Aliases, prices of models, whether there is a price for the rest, and the price and alias in each warning.
    private static let aliased: [(aliases: String, prices: [String], isForRest: Bool, warned: [(String, String)])] = [
        ("fast: q", ["fast"], false, [("fast", "fast")]), ("fast: q", ["fast"], true, [("fast", "fast")]),
        ("fast: q", ["f*"], false, [("f*", "fast")]), ("fast: q", ["f*"], true, []),
        ("fast: q, faster: q", ["fast*"], false, [("fast*", "fast"), ("fast*", "faster")]),
        ("fast: q", ["fast", "q"], false, []), ("fast: q", ["q*", "fast"], true, []), ("fast: q", ["*"], false, []),
        ("fast: q", ["q"], false, []), ("fast: q", ["Fast", "other"], false, []), ("fast: q", [], true, []),
        // The price under 'b' is for 'a', which is sent as 'b'. A request for 'b' is sent as 'c'.
        ("a: b, b: c", ["b"], false, [("b", "b")]), ("fast: fast", ["fast"], false, []),
    ]

    @Test("A price for an alias is a warning if the model behind the alias has none", arguments: aliased.indices)
    func warnsOfAliases(index: Int) throws {
        let (aliases, prices, isForRest, warned) = Self.aliased[index]
        let costs = prices.map { "\"\($0)\": \(Self.cost)" }.joined(separator: ", ")
        let rest = isForRest ? "input_cost_per_token: 1, output_cost_per_token: 1, " : ""
        let table = "a: {url: 'http://a', \(rest)model_aliases: {\(aliases)}, model_costs: {\(costs)}}"
        let loaded = try load(table)
        let warnings = loaded.warnings.filter { $0.contains("model_costs") }
        #expect(warnings.count == warned.count)
        for (warning, (price, alias)) in zip(warnings, warned) {
            let model = loaded.table.servers[0].modelAliases[alias] ?? ""
            let what =
                "the price for '\(price)' in 'model_costs' of the server 'a' isn't used for the alias '\(alias)', "
            #expect(warning == what + "which stands for '\(model)'; write the price under '\(model)'")
        }
    }

    @Test(
        "The proxy asks for the usage of streams where it is counted, or as the owner says",
        arguments: [
            ("", "", false), ("rpm: 1, max_parallel_requests: 1", "rpm: 1", false), ("tpm: 1", "", true),
            ("input_cost_per_token: 0, output_cost_per_token: 0", "", true),
            ("model_costs: {m: {input_cost_per_token: 0, output_cost_per_token: 0}}", "", true),
            ("", "tokens_per_month: 1", true), ("", "tpm: 1, allowed_servers: [a]", true),
            ("", "tpm: 1, allowed_servers: [b]", false), ("", "server_limits: {a: {tokens_per_day: 1}}", true),
            ("", "server_limits: {b: {tpm: 1}}", false), ("", "max_budget: 1", true),
            ("stream_usage: off", "tpm: 1", false), ("tpm: 1, stream_usage: off", "", false),
            ("stream_usage: auto", "", true), ("reverse_proxy: true", "tpm: 1", false),
        ])
    func asksForUsage(server: String, key: String, isAsked: Bool) throws {
        let table = """
            a: {url: 'http://a', \(server)}
            b: {url: 'http://b', input_cost_per_token: 0, output_cost_per_token: 0}
            settings: {virtual_keys: [{name: k, key: x, \(key)}]}
            """
        #expect(try load(table).table.servers[0].asksForUsage == isAsked)
    }

    /// The lines after a server's URL, from line 3.
    private static let refused: [(String, Int, String)] =
        ["input_cost_per_token", "output_cost_per_token"].flatMap { key in
            let other = key.hasPrefix("input") ? "output_cost_per_token" : "input_cost_per_token"
            return ["-1", "2.5", "nan", "free", "''"].map {
                (
                    "\(other): 0\n  \(key): \($0)", 4,
                    "'\(key)' must be the price of one token in dollars, from 0 to 1, such as 0.0000025"
                )
            } + [("\(key): 0", 3, "'\(key)' also needs '\(other)'; use 0 if it costs nothing")]
        } + [
            ("cache_read_input_token_cost: 0", 3, "'cache_read_input_token_cost' also needs 'input_cost_per_token'"),
            (
                "input_cost_per_token: 0\n  output_cost_per_token: 0\n  cache_read_input_token_cost: 2", 5,
                "'cache_read_input_token_cost' must be the price of one token in dollars"
            ),
            ("model_costs: [m]", 3, "'model_costs' must be a mapping from model names to prices"),
            ("model_costs:\n    '': {}", 4, "'model_costs' has an empty name; give it one"),
            ("model_costs:\n    m: 1", 4, "the costs of 'm' of server 'a' must be a mapping of keys"),
            ("model_costs:\n    m: {}", 4, "the costs of 'm' of server 'a': 'input_cost_per_token' is missing"),
            (
                "model_costs:\n    m:\n      input_cost_per_token: 1", 5,
                "the costs of 'm' of server 'a': 'input_cost_per_token' also needs 'output_cost_per_token'"
            ),
            (
                "model_costs:\n    m:\n      input_cost_per_tokn: 1", 5,
                "the costs of 'm' of server 'a' has an unknown key 'input_cost_per_tokn'; did you mean"
            ),
            ("stream_usage: on", 3, "'stream_usage' must be 'auto' or 'off'"),
            ("stream_usage: false", 3, "'stream_usage' must be 'auto' or 'off'"),
            ("reverse_proxy: true\n  stream_usage: off", 4, "'stream_usage' can't be combined with 'reverse_proxy'"),
            ("reverse_proxy: true\n  model_costs: {}", 4, "'model_costs' can't be combined with 'reverse_proxy'"),
            (
                "reverse_proxy: true\n  input_cost_per_token: 0\n  output_cost_per_token: 0", 4,
                "'input_cost_per_token' can't be combined with 'reverse_proxy', which doesn't read bodies"
            ),
        ]

    @Test("An invalid cost is refused with its line", arguments: refused)
    func refuses(lines: String, line: Int, message: String) throws {
        try Refusal("a:\n  url: http://a\n  \(lines)", line, message).expect()
    }
}
