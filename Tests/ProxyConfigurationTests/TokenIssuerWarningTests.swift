import Testing

@testable import Proxy
@testable import ProxyConfiguration

/// What token issuers change elsewhere in a table, and what their owner should know.
@Suite struct TokenIssuerWarningTests {
    private static let key = "0123456789abcdef"
    private static let issuer = "issuer: b, secret: \(TokenIssuerTests.secret)"

    private func loaded(
        _ issuer: String, server: String = "", settings: String = "",
        _ environment: [String: String] = ["USER_ID_KEY": key]
    ) throws -> LoadedTable {
        try load(
            """
            a: {url: 'http://a'\(server.isEmpty ? "" : ", ")\(server)}
            settings:
              token_issuers: [{\(Self.issuer)\(issuer.isEmpty ? "" : ", ")\(issuer)}]
              \(settings)
            """, environment)
    }

    @Test("An issuer is a way in, so that no virtual key is needed")
    func isWayIn() throws {
        #expect(try loaded("").warnings == [])
    }

    @Test(
        "The key of the users' hashes is that of the table, else that of the environment",
        arguments: [
            ("user_id_key: \(key)", [:], key), ("user_id_key: '${K}'", ["K": key], key),
            ("", ["USER_ID_KEY": key], key),
            ("user_id_key: \(key)", ["USER_ID_KEY": "short"], key),
            ("user_id_key: '${K:-}'", ["USER_ID_KEY": "\(key)\n"], key), ("user_id_key:", ["USER_ID_KEY": key], key),
        ])
    func readsHashKey(setting: String, environment: [String: String], expected: String) throws {
        let loaded = try loaded("", settings: setting, environment)
        #expect(loaded.table.settings.userIDKey == Secret(expected))
        #expect(loaded.warnings.isEmpty)
    }

    @Test("Without a key the hashes of users can be computed by anybody, which is a warning unless IDs are logged")
    func warnsOfOpenHashes() throws {
        for environment in [[:], ["USER_ID_KEY": " "]] {
            let loaded = try loaded("", environment)
            #expect(loaded.table.settings.userIDKey == nil)
            #expect(
                loaded.warnings == [
                    "settings.user_id_key isn't set, so anybody who guesses the ID of a user can compute the hash that "
                        + "stands for it in logs; set it, or the variable USER_ID_KEY, to what 'openssl rand -hex 24' prints"
                ])
        }
        #expect(try loaded("log_users: true", [:]).warnings.isEmpty)
    }

    @Test("The variable of the key counts only if there is an issuer")
    func ignoresUnneededVariable() throws {
        #expect(
            try load("a: {url: 'http://a'}\nsettings: {}", ["USER_ID_KEY": "short"]).table.settings.userIDKey == nil)
    }

    @Test(
        "A key of the users' hashes that can be guessed or is missing stops the start",
        arguments: [
            (
                "user_id_key: 0123456789abcde", [:], 4,
                "is shorter than 16 bytes, so it can be guessed; make a longer one"
            ),
            ("user_id_key: os.environ/USER_ID_KEY", [:], 4, "looks like a reference in another program's syntax"),
            ("user_id_key: '${K}'", [:], 4, "needs K, which is not set"),
            ("", ["USER_ID_KEY": "short"], 2, "comes from USER_ID_KEY, which is shorter than 16 bytes, so it can be"),
            ("", ["USER_ID_KEY": "os.environ/A_LONG_NAME"], 2, "needs USER_ID_KEY, which holds a reference to another"),
        ])
    func refusesHashKey(setting: String, environment: [String: String], line: Int, message: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try loaded("", settings: setting, environment)
        }
        #expect(error.message.contains("settings: 'user_id_key' \(message)"), "\(error)")
        // Without the key in the table, the error is about all settings, which begin in the line after their name.
        #expect(error.line == (setting.isEmpty ? 3 : line), "\(error)")
    }

    @Test(
        "The usage of streams is asked for where an issuer's limits count it",
        arguments: [
            ("", false), ("rpm: 1", false), ("tpm: 1", true), ("user_limits: {rpm: 1}", false),
            ("user_limits: {tokens_per_day: 1}", true), ("user_limits: {server_limits: {a: {tpm: 1}}}", true),
            ("plans: [{name: p, match: {a: b}, tpm: 1}]", true), ("plans: [{name: p, match: {a: b}, rpm: 1}]", false),
        ])
    func asksForUsage(members: String, expected: Bool) throws {
        #expect(try loaded(members).table.servers[0].asksForUsage == expected)
    }

    @Test("Usage isn't asked for at a server that the limited users may not use")
    func asksOnlyWhereUsed() throws {
        let table = try load(
            """
            a: {url: 'http://a'}
            b: {url: 'http://b'}
            settings:
              token_issuers:
                - {\(Self.issuer), allowed_servers: [a], tpm: 1, plans: [{name: p, match: {a: b}, allowed_servers: [b]}]}
                - {issuer: c, secret: \(TokenIssuerTests.other), allowed_servers: [b], rpm: 1}
            """
        ).table
        #expect(table.servers.map(\.asksForUsage) == [true, true], "of the plan: the limit is for all users together")
        let one = try load(
            """
            a: {url: 'http://a'}
            b: {url: 'http://b'}
            settings: {token_issuers: [{\(Self.issuer), allowed_servers: [a], tpm: 1}]}
            """
        ).table
        #expect(one.servers.map(\.asksForUsage) == [true, false])
    }

    @Test(
        "Limits in memory are a warning, whoever has them",
        arguments: ["rpm: 1", "user_limits: {rpm: 1}", "plans: [{name: p, match: {a: b}, rpm: 1}]"])
    func warnsOfMemory(members: String) throws {
        let warnings = try loaded(members).warnings
        #expect(warnings.count == 1 && warnings[0].hasPrefix("limits are counted in memory"))
    }

    /// Members of the issuer, those of the server, and the warning.
    private static let uncounted: [(String, String, String)] = [
        (
            "tpm: 1", "reverse_proxy: true",
            "limits on tokens of the token issuer 'b' aren't enforced at reverse proxies: a"
        ),
        (
            "user_limits: {tpm: 1}", "endpoints: [files]",
            "limits on tokens of the token issuer 'b' aren't enforced at servers with 'endpoints': a"
        ),
        (
            "plans: [{name: p, match: {a: b}, tpm: 1}]", "reverse_proxy: true",
            "limits on tokens of the token issuer 'b' aren't enforced at reverse proxies: a"
        ),
        (
            "user_limits: {max_budget: 1}",
            "model_costs: {m: {input_cost_per_token: 0.1, output_cost_per_token: 0.1}}",
            "limits on cost of the token issuer 'b' aren't enforced at servers with prices for some models only: a"
        ),
    ]

    @Test("Servers where a limit of users isn't enforced are named once", arguments: uncounted)
    func warnsOfUncounted(members: String, server: String, warning: String) throws {
        let warnings = try loaded("\(members), metadata_claims: [email]", server: server).warnings
        #expect(warnings.count { $0.hasPrefix("limits on") } == 1)
        #expect(warnings.first == warning)
    }

    @Test(
        "A cache that users share is a warning",
        arguments: [
            ("", true), ("cache: false", false), ("cache: {namespace: n}", false),
            ("cache: false, plans: [{name: p, match: {a: b}, cache: true}]", true),
        ])
    func warnsOfSharedCache(members: String, isShared: Bool) throws {
        let warnings = try loaded(members, server: "cache: {shared: true}").warnings
        #expect(warnings.contains { $0.hasPrefix("the cache of the server 'a' is shared") } == isShared)
    }

    @Test("A namespace that users share, and one that nothing uses, are warnings")
    func warnsOfNamespaces() throws {
        let shared =
            "the 'namespace' of the token issuer 'b' is shared: its users get each other's responses; remove it if these "
            + "aren't for everybody"
        let unused =
            "the 'namespace' of the token issuer 'b' isn't used: no server that its users may use has a cache; add "
            + "'cache: true' to one"
        #expect(try loaded("cache: {namespace: n}", server: "cache: true").warnings == [shared])
        #expect(try loaded("cache: {namespace: n}").warnings == [unused])
        #expect(try loaded("", server: "cache: true").warnings == [])
    }
}
