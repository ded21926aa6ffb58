import JSONWebTokens
import Testing

@testable import Proxy
@testable import ProxyConfiguration

/// `plans` and `user_limits` of a token issuer.
@Suite struct UserPlanTests {
    private static let servers = """
        a: {url: 'http://a', input_cost_per_token: 0.1, output_cost_per_token: 0.1}
        b: {url: 'http://b'}

        """

    private func issuer(_ lines: String) throws -> TokenIssuer {
        let text =
            "\(Self.servers)settings:\n  token_issuers:\n    - issuer: b\n      secret: \(TokenIssuerTests.secret)\n\(lines)"
        return try #require(load(text).table.settings.tokenIssuers.first)
    }

    @Test("A plan has what the issuer's users have, except for what it says itself")
    func replaces() throws {
        let issuer = try issuer(
            """
                  allowed_servers: [a]
                  allowed_models: [small]
                  allowed_tools: [web_search]
                  cache: false
                  user_limits: {rpm: 1}
                  plans:
                    - {name: same, match: {plan: free}}
                    - name: pro
                      match: {plan: [pro, team], active: true}
                      allowed_servers: [a, b]
                      allowed_models: ['*']
                      allowed_tools: [mcp]
                      allow_stored_data: true
                      cache: {namespace: pro}
                      rpm: 100
            """)
        let (same, pro) = (issuer.plans[0], issuer.plans[1])
        #expect(same.requirements == [ClaimRequirement("plan", in: ["free"])])
        #expect(same.permissions == issuer.permissions && same.limits == issuer.userLimits)
        #expect(
            pro.requirements == [
                ClaimRequirement("plan", in: ["pro", "team"]), ClaimRequirement("active", in: ["true"]),
            ])
        #expect(pro.permissions.allowedServers == ["a", "b"])
        #expect(pro.permissions.allowedModels == [ModelPattern("*")])
        #expect(pro.permissions.allowedTools == [ModelPattern("mcp")])
        #expect(pro.permissions.allowsStoredData)
        #expect(pro.permissions.caching == .namespace("pro"))
        #expect(pro.limits.quotaSet.quotas == [Quota(.requests, each: .minute, 100)])
    }

    /// Limits of the issuer's users, those of a plan, and what applies.
    private static let merged: [(String, String, String)] = [
        ("rpm: 1, tpm: 2", "", "rpm: 1, tpm: 2"),
        ("", "rpm: 1", "rpm: 1"),
        ("rpm: 1, tpm: 2", "rpm: 3", "rpm: 3, tpm: 2"),
        ("rpm: 1, requests_per_day: 2", "requests_per_day: 3", "requests_per_day: 3, rpm: 1"),
        ("tokens_per_day: 1, tokens_per_month: 2", "tokens_per_month: 9", "tokens_per_month: 9, tokens_per_day: 1"),
        ("rpm: 1", "max_parallel_requests: 2", "rpm: 1, max_parallel_requests: 2"),
        ("max_parallel_requests: 1, rpm: 5", "max_parallel_requests: 2", "max_parallel_requests: 2, rpm: 5"),
        ("max_budget: 1, budget_duration: day", "max_budget: 20", "max_budget: 20"),
        ("max_budget: 1", "max_budget: 2, budget_duration: day", "max_budget: 2, budget_duration: day"),
        ("rpm: 1", "server_limits: {a: {rpm: 2}}", "rpm: 1, server_limits: {a: {rpm: 2}}"),
        ("server_limits: {a: {rpm: 2}}", "rpm: 1", "rpm: 1, server_limits: {a: {rpm: 2}}"),
        (
            "server_limits: {a: {rpm: 1, tpm: 2}, b: {rpm: 3}}", "server_limits: {a: {rpm: 9}}",
            "server_limits: {a: {rpm: 9, tpm: 2}, b: {rpm: 3}}"
        ),
        (
            "server_limits: {a: {max_budget: 1, budget_duration: day}}", "server_limits: {a: {max_budget: 5}}",
            "server_limits: {a: {max_budget: 5}}"
        ),
    ]

    @Test("Each limit of a plan replaces the same one of the issuer's users", arguments: merged)
    func mergesLimits(users: String, plan: String, expected: String) throws {
        let issuer = try issuer(
            "      user_limits: {\(users)}\n      plans: [{name: p, match: {a: b}\(plan.isEmpty ? "" : ", ")\(plan)}]")
        #expect(try issuer.plans[0].limits == self.issuer("      user_limits: {\(expected)}").userLimits)
    }

    @Test("A limit may be for a server that only a plan opens")
    func reachesThroughPlans() throws {
        let issuer = try issuer(
            """
                  allowed_servers: [b]
                  max_budget: 100
                  user_limits: {max_budget: 1, server_limits: {a: {rpm: 1}}}
                  plans: [{name: pro, match: {plan: pro}, allowed_servers: [a, b], max_budget: 5}]
            """)
        #expect(issuer.limits.quotaSet.quotas == [Quota(.cost, each: .month, 100_000_000_000)])
        #expect(issuer.userLimits.serverQuotaSets.keys.sorted() == ["a"])
    }

    /// What follows the issuer's secret, from line 7.
    private static let refused: [(String, Int, String)] = [
        ("plans: pro", 7, "a token issuer: 'plans' must be a list"),
        ("plans: [pro]", 7, "a plan of a token issuer must be a mapping of keys: name, match, allowed_servers"),
        ("plans: [{match: {a: b}}]", 7, "a plan of a token issuer: 'name' is missing; logs use it"),
        ("plans: [{name: '', match: {a: b}}]", 7, "'name' must be 1 to 64 printable ASCII characters"),
        ("plans: [{name: ä, match: {a: b}}]", 7, "'name' must be 1 to 64 printable ASCII characters"),
        (
            "plans: [{name: \(String(repeating: "a", count: 65)), match: {a: b}}]", 7,
            "'name' must be 1 to 64 printable ASCII characters"
        ),
        (
            "plans:\n      - {name: p, match: {a: b}}\n      - {name: p, match: {a: c}}", 9,
            "a plan of a token issuer: 'name' 'p' is taken by another plan of this issuer"
        ),
        (
            "plans:\n      - name: p", 8,
            "a plan of a token issuer: 'match' is missing; say which claims the tokens of these users have"
        ),
        ("plans:\n      - name: p\n        match:", 9, "'match' is missing"),
        ("plans:\n      - name: p\n        match: {}", 9, "'match' is empty; name a claim there with its value"),
        ("plans: [{name: p, match: {a: b}, user_limits: {}}]", 7, "has an unknown key 'user_limits'"),
        (
            "plans:\n      - name: p\n        match: {a: b}\n        allowed_servers: [b]\n        max_budget: 1", 11,
            "'max_budget' could never be reached: no server that may be used here has prices"
        ),
        (
            "plans:\n      - name: p\n        match: {a: b}\n        allowed_servers: [b]\n"
                + "        server_limits:\n          a: {rpm: 1}", 12,
            "'server_limits' has 'a', which is not in 'allowed_servers'; remove it here, or add it there"
        ),
        ("plans: [{name: p, match: {a: b}, budget_duration: day}]", 7, "'budget_duration' needs 'max_budget'"),
        (
            "allowed_servers: [b]\n      user_limits:\n        server_limits:\n          a: {rpm: 1}", 10,
            "'server_limits' has 'a', which is not in 'allowed_servers'"
        ),
    ]

    @Test("An invalid plan is refused with its line", arguments: refused)
    func refuses(lines: String, line: Int, message: String) throws {
        let issuer = "- issuer: b\n      secret: \(TokenIssuerTests.secret)\n      \(lines)"
        try Refusal("\(Self.servers)settings:\n  token_issuers:\n    \(issuer)", line, message).expect()
    }
}
