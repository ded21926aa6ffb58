import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct LimitTests {
    @Test(
        "Each limit is a quota of one measure in one period",
        arguments: [
            ("rpm: 1", [Quota(.requests, each: .minute, 1)]),
            ("tpm: 1000000000000", [Quota(.tokens, each: .minute, 1_000_000_000_000)]),
            ("requests_per_day: '20'", [Quota(.requests, each: .day, 20)]),
            ("tokens_per_day: '${N}'", [Quota(.tokens, each: .day, 7)]),
            ("requests_per_month: 3", [Quota(.requests, each: .month, 3)]),
            ("tokens_per_month: 4", [Quota(.tokens, each: .month, 4)]),
            ("max_budget: 5", [Quota(.cost, each: .month, 5_000_000_000)]),
            ("max_budget: 0.29", [Quota(.cost, each: .month, 290_000_000)]),
            ("max_budget: 1e-12", [Quota(.cost, each: .month, 1)]),
            ("max_budget: 1000000000", [Quota(.cost, each: .month, 1_000_000_000_000_000_000)]),
            ("max_budget: 1, budget_duration: day", [Quota(.cost, each: .day, 1_000_000_000)]),
            ("max_budget: 1, budget_duration: 1d", [Quota(.cost, each: .day, 1_000_000_000)]),
            ("max_budget: 1, budget_duration: 24h", [Quota(.cost, each: .day, 1_000_000_000)]),
            ("max_budget: 1, budget_duration: month", [Quota(.cost, each: .month, 1_000_000_000)]),
            ("max_budget: 1, budget_duration: 1mo", [Quota(.cost, each: .month, 1_000_000_000)]),
            ("tpm: 2, rpm: 1", [Quota(.requests, each: .minute, 1), Quota(.tokens, each: .minute, 2)]),
            ("rpm: ~, max_parallel_requests: ~, max_budget: ~", []),
        ])
    func readsQuotas(limits: String, quotas: [Quota]) throws {
        let table = """
            a: {url: 'http://a/v1', input_cost_per_token: 1, output_cost_per_token: 1, \(limits)}
            settings:
              virtual_keys:
                - {name: k, key: 0123456789abcdef, \(limits), server_limits: {a: {\(limits)}}}
            """
        let loaded = try load(table, ["N": "7"]).table
        let key = try #require(loaded.settings.virtualKeys.first)
        #expect(loaded.servers[0].quotaSet.quotas == quotas)
        #expect(key.limits.quotaSet.quotas == quotas)
        #expect(key.limits.serverQuotaSets == (quotas.isEmpty ? [:] : ["a": key.limits.quotaSet]))
    }

    @Test("The limit of open requests is read", arguments: [1, 1000])
    func readsParallel(number: Int) throws {
        let quotaSet = try server("  max_parallel_requests: \(number)").quotaSet
        #expect(quotaSet.parallel == number)
        #expect(!quotaSet.isUnlimited)
    }

    @Test("Requests to a reverse proxy can be counted, though it has no prices")
    func countsRequestsOfReverseProxies() throws {
        let quotaSet = try server("  reverse_proxy: true\n  rpm: 3\n  max_parallel_requests: 2").quotaSet
        #expect(quotaSet.quotas == [Quota(.requests, each: .minute, 3)])
        #expect(quotaSet.parallel == 2)
    }

    @Test("Limits that each process counts alone are a warning", arguments: ["rpm: 1", "max_parallel_requests: 1"])
    func warnsOfMemory(limit: String) throws {
        func isWarned(_ server: String, _ key: String, store: String = "memory") throws -> Bool {
            let table = """
                a: {url: 'http://a'\(server)}
                settings: {store: \(store), virtual_keys: [{name: k, key: 0123456789abcdef\(key)}]}
                """
            return try load(table).warnings.contains { $0.contains("each Lambda environment counts on its own") }
        }
        #expect(try isWarned(", \(limit)", ""))
        #expect(try isWarned("", ", \(limit)"))
        #expect(try isWarned("", ", server_limits: {a: {\(limit)}}"))
        #expect(try !isWarned("", ""))
        #expect(try !isWarned("", ", \(limit)", store: "{dynamodb: {table: use}}"))
    }

    @Test(
        "There is a warning for servers where a key's limits aren't enforced",
        arguments: [
            ("max_budget: 1", ["cost of the virtual key 'k' aren't enforced at servers without prices: b, proxy"]),
            ("tpm: 1", ["tokens of the virtual key 'k' aren't enforced at reverse proxies: proxy"]),
            (
                "max_budget: 1, allowed_servers: [a, b]",
                ["cost of the virtual key 'k' aren't enforced at servers without prices: b"]
            ),
            ("tpm: 1, allowed_servers: [a, b]", []), ("rpm: 1", []), ("server_limits: {a: {max_budget: 1}}", []),
        ])
    func warnsOfUncounted(limits: String, words: [String]) throws {
        let warnings = try load(
            """
            a: {url: 'http://a', input_cost_per_token: 0, output_cost_per_token: 0}
            b: {url: 'http://b'}
            proxy: {url: 'http://c', reverse_proxy: true}
            settings: {virtual_keys: [{name: k, key: 0123456789abcdef, \(limits)}]}
            """
        ).warnings.filter { !$0.contains("Lambda environment") }
        #expect(warnings == words.map { "limits on \($0)" })
    }

    /// Texts that are refused in line 3 wherever limits may be, and the messages.
    private static let anywhere: [(String, String)] =
        ["rpm", "tpm", "requests_per_day", "tokens_per_day", "requests_per_month", "tokens_per_month"].flatMap { key in
            ["0", "-1", "1.5", "many", "''", "1000000000001", "99999999999999999999"].map {
                ("\(key): \($0)", "'\(key)' must be a whole number from 1 to 1000000000000")
            } + [("\(key): [1]", "'\(key)' must be a single value")]
        }
        + ["0", "1001", "some"].map {
            ("max_parallel_requests: \($0)", "'max_parallel_requests' must be a whole number from 1 to 1000")
        }
        + ["0", "-1", "nan", "inf", "1000000001", "much", "$5"].map {
            ("max_budget: \($0)", "'max_budget' must be a number of dollars, more than 0 and at most 1000000000")
        }
        + ["30d", "7d", "week", "1h", "Month", "''"].map {
            ("budget_duration: \($0), max_budget: 1", "'budget_duration' must be 'day' or 'month'")
        }
        + [("budget_duration: day", "'budget_duration' needs 'max_budget'; add that")]

    @Test("A budget that doesn't cover all models of a server is a warning")
    func warnsOfSomePrices() throws {
        let price = "input_cost_per_token: 0, output_cost_per_token: 0"
        for (own, isWarned) in [("", true), (", \(price)", false)] {
            let warnings = try load(
                """
                a: {url: 'http://a', model_costs: {gpt-4o: {\(price)}}\(own)}
                settings: {store: {dynamodb: {table: use}}, virtual_keys: [{name: k, key: 0123456789abcdef, max_budget: 1}]}
                """
            ).warnings
            let words =
                "limits on cost of the virtual key 'k' aren't enforced at servers with prices for some models only: a"
            #expect(warnings == (isWarned ? [words] : []))
        }
    }

    @Test("An invalid limit is refused with its line, wherever it is", arguments: anywhere)
    func refusesAnywhere(limit: String, message: String) throws {
        let priced = "url: 'http://a', input_cost_per_token: 0, output_cost_per_token: 0"
        let key = "{name: k, key: x"
        for text in [
            "a: {\(priced),\n\n\(limit)}", "a: {\(priced)}\nsettings: {virtual_keys: [\(key),\n\(limit)}]}",
            "a: {\(priced)}\nsettings: {virtual_keys: [\(key), server_limits: {a: {\n\(limit)}}}]}",
        ] {
            try Refusal(text, 3, message).expect()
        }
    }

    private static let unread = "can't be combined with 'reverse_proxy', which doesn't read bodies; remove one of them"
    private static let refused: [Refusal] =
        ["tpm: 1", "tokens_per_day: 1", "tokens_per_month: 1", "max_budget: 1"].flatMap { limit in
            [
                Refusal("a:\n  url: http://a\n  \(limit)\n  reverse_proxy: true", 3, unread),
                Refusal(
                    "a: {url: http://a, reverse_proxy: true}\nsettings:\n  virtual_keys:\n"
                        + "    - name: k\n      key: x\n      server_limits:\n        a:\n          \(limit)", 8,
                    "the limits for 'a' of a virtual key: '\(limit.prefix { $0 != ":" })' can't be combined with "
                        + "'reverse_proxy' of that server, which doesn't read bodies"),
            ]
        } + [
            Refusal("a:\n  url: http://a\n  max_budget: 1", 3, "'max_budget' could never be reached without prices"),
            Refusal("a:\n  url: http://a\n  max_budget: 1\n  model_costs: {}", 3, "could never be reached"),
            Refusal(
                "a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: k\n      key: x\n      max_budget: 1", 6,
                "'max_budget' could never be reached: no server that may be used here has prices; give one"),
            Refusal(
                "a: {url: http://a, input_cost_per_token: 0, output_cost_per_token: 0}\nb: {url: http://b}\n"
                    + "settings:\n  virtual_keys: [{name: k, key: x, allowed_servers: [b],\n  max_budget: 1}]", 5,
                "no server that may be used here has prices"),
            Refusal(
                "a: {url: http://a, input_cost_per_token: 0, output_cost_per_token: 0}\nb: {url: http://b}\n"
                    + "settings:\n  virtual_keys: [{name: k, key: x, server_limits: {b: {\n  max_budget: 1}}}]", 5,
                "the limits for 'b' of a virtual key: 'max_budget' could never be reached: that server has no prices"),
            Refusal("a:\n  url: http://a\n  rpmm: 1", 3, "did you mean 'rpm'?"),
        ]

    @Test("A limit that can't be enforced is refused with its line", arguments: refused)
    func refuses(refusal: Refusal) throws { try refusal.expect() }
}
