import JSONWebTokens
import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct TokenIssuerTests {
    static let secret = "0123456789abcdef0123456789abcdef"
    static let other = "fedcba9876543210fedcba9876543210"

    /// Loads a table with a server "a" and issuers, written from line 4 on.
    static func loaded(_ entries: String, _ environment: [String: String] = [:]) throws -> LoadedTable {
        let variables = ["USER_ID_KEY": "0123456789abcdef"].merging(environment) { $1 }
        return try load("a: {url: 'http://a'}\nsettings:\n  token_issuers:\n    \(entries)", variables)
    }

    private func issuer(_ members: String, _ environment: [String: String] = [:]) throws -> TokenIssuer {
        try #require(Self.loaded("- {\(members)}", environment).table.settings.tokenIssuers.first)
    }

    @Test("All members of an issuer are read")
    func readsAll() throws {
        let loaded = try load(
            """
            a: {url: 'http://a', input_cost_per_token: 0.1, output_cost_per_token: 0.1}
            b: {url: 'http://b'}
            settings:
              user_id_key: a-key-of-this-test
              token_issuers:
                - issuer: https://id.example/pool/
                  jwks_url: https://id.example/keys?v=1
                  audiences: [api, '${AUDIENCE}', app]
                  client_ids: [web, app]
                  algorithms: [ES384, EdDSA]
                  token_use: id
                  user_claim: email
                  required_claims:
                    email_verified: true
                    'cognito:groups': [admins, 7]
                  max_age: 600
                  allowed_servers: [a]
                  allowed_models: [gpt-*]
                  allowed_tools: [web_search]
                  allow_stored_data: true
                  cache: false
                  metadata_claims: [email, https://id.example/team]
                  log_users: true
                  rpm: 600
                  server_limits: {a: {tpm: 1000}}
                  user_limits: {rpm: 20, max_budget: 1, server_limits: {a: {max_parallel_requests: 2}}}
                  login:
                    authorize_url: https://id.example/authorize?audience=api
                    token_url: http://[::1]:8080/token
                    client_id: app
                    scope: openid email
            """, ["AUDIENCE": "web-api"])
        var rules = TokenRules(issuer: "https://id.example/pool/")
        rules.audiences = ["api", "web-api", "app"]
        rules.clientIDs = ["web", "app"]
        rules.algorithms = [.es384, .edDSA]
        rules.use = .id
        rules.userClaim = "email"
        rules.requirements = [
            ClaimRequirement("email_verified", in: ["true"]), ClaimRequirement("cognito:groups", in: ["admins", "7"]),
        ]
        rules.maxAge = 600
        var expected = TokenIssuer(rules, .published(url: "https://id.example/keys?v=1"))
        expected.permissions.allowedServers = ["a"]
        expected.permissions.allowedModels = [ModelPattern("gpt-*")]
        expected.permissions.allowedTools = [ModelPattern("web_search")]
        expected.permissions.allowsStoredData = true
        expected.permissions.caching = .off
        expected.metadataClaims = ["email", "https://id.example/team"]
        expected.logsUsers = true
        expected.limits.quotaSet.quotas = [Quota(.requests, each: .minute, 600)]
        expected.limits.serverQuotaSets["a", default: QuotaSet()].quotas = [Quota(.tokens, each: .minute, 1000)]
        expected.userLimits.quotaSet.quotas = [
            Quota(.requests, each: .minute, 20), Quota(.cost, each: .month, 1_000_000_000),
        ]
        expected.userLimits.serverQuotaSets["a", default: QuotaSet()].parallel = 2
        expected.login = TokenIssuer.Login(
            authorizeURL: "https://id.example/authorize?audience=api", tokenURL: "http://[::1]:8080/token",
            clientID: "app", scope: "openid email", token: .id)
        #expect(loaded.table.settings.tokenIssuers == [expected])
        #expect(loaded.table.settings.userIDKey == Secret("a-key-of-this-test"))
        #expect(loaded.warnings.count == 1, "only that of the store: \(loaded.warnings)")
    }

    @Test("An issuer with nothing but its name, and who its tokens are for, has the defaults")
    func keepsDefaults() throws {
        let issuer = try issuer("issuer: https://id.example, client_ids: [web], jwks_url: '${NONE:-}'")
        var rules = TokenRules(issuer: "https://id.example")
        rules.clientIDs = ["web"]
        #expect(issuer == TokenIssuer(rules, .published(url: nil)))
        #expect(rules.algorithms == [.rs256, .es256] && rules.userClaim == "sub" && rules.maxAge == nil)
    }

    @Test("An issuer that shares a secret needs no URL, and its tokens live for an hour")
    func readsSecret() throws {
        let issuer = try issuer("issuer: my-backend, secret: '${S}'", ["S": "\(Self.secret)\n"])
        var rules = TokenRules(issuer: "my-backend")
        rules.algorithms = [.hs256]
        rules.maxAge = 3600
        #expect(issuer == TokenIssuer(rules, .secrets([Secret(Self.secret)])))
    }

    @Test(
        "Two secrets are read, and an empty one of them is skipped",
        arguments: [
            ("['\(secret)', '\(other)']", [secret, other]), ("['${NEW:-}', '\(other)']", [other]),
            ("['\(secret)', ' ']", [secret]),
        ])
    func readsSecrets(list: String, expected: [String]) throws {
        #expect(try issuer("issuer: b, secrets: \(list)").keys == .secrets(expected.map { Secret($0) }))
    }

    @Test("No description shows a secret")
    func hidesSecrets() throws {
        let issuer = try issuer("issuer: b, secrets: ['\(Self.secret)', '\(Self.other)']")
        var dumped = ""
        dump(issuer, to: &dumped)
        for text in ["\(issuer)", String(reflecting: issuer), dumped] {
            #expect(!text.contains(Self.secret) && !text.contains(Self.other))
        }
    }

    @Test(
        "The algorithms may be any that fit the keys",
        arguments: [
            ("issuer: b, secret: \(secret), algorithms: [HS512, HS256]", [TokenAlgorithm.hs512, .hs256]),
            ("issuer: 'https://i', audiences: [x], algorithms: [PS256]", [.ps256]),
            (
                "issuer: 'https://i', audiences: [x], algorithms: [RS384, RS512, PS384, PS512, ES512]",
                [.rs384, .rs512, .ps384, .ps512, .es512]
            ),
        ])
    func readsAlgorithms(members: String, expected: [TokenAlgorithm]) throws {
        #expect(try issuer(members).rules.algorithms == expected)
    }

    @Test(
        "On this machine an issuer may have http",
        arguments: [
            "http://localhost", "http://localhost:80/x/", "http://127.1.2.3:8080", "http://[::1]/x", "http://[::1]:1",
        ])
    func allowsLoopback(url: String) throws {
        let issuer = try issuer("issuer: '\(url)', audiences: [x], jwks_url: '\(url)?k=1'")
        #expect(issuer.name == url && issuer.keys == .published(url: "\(url)?k=1"))
    }

    @Test("An issuer whose name is empty by default is left out in silence, whatever else it has")
    func leavesOutEmpty() throws {
        let loaded = try load(
            """
            a: {url: 'http://a', token: 0123456789abcdef}
            settings:
              virtual_keys: [{name: k, key: 0123456789abcdef}]
              token_issuers:
                - {issuer: '${A:-}', client_ids: ['${B:-}'], secret: '${C}', login: {client_id: '${D:-}'}}
                - {issuer: '${A:-}', client_ids: ['${B:-}']}
            """)
        #expect(loaded.table.settings.tokenIssuers.isEmpty)
        #expect(loaded.warnings.isEmpty)
    }

    @Test("A login whose addresses are empty by default is left out")
    func leavesOutLogin() throws {
        let issuer = try load(
            """
            a: {url: 'http://a', token: 0123456789abcdef}
            settings:
              user_id_key: 0123456789abcdef
              token_issuers:
                - issuer: https://i
                  client_ids: [c]
                  login: {authorize_url: '${A:-}', token_url: '${B:-}', client_id: c}
            """
        ).table.settings.tokenIssuers.first
        #expect(issuer != nil && issuer?.login == nil)
    }

    @Test(
        "An issuer of which any variable is missing is left out: its rules would be missing too",
        arguments: [
            "jwks_url: '${X}'", "audiences: ['${X}']", "audiences: [a, '${X}']", "algorithms: ['${X}']",
            "token_use: '${X}'", "user_claim: '${X}'", "required_claims: {a: '${X}'}",
            "required_claims: {a: [b, '${X}']}",
            "max_age: '${X}'", "allowed_servers: ['${X}']", "allowed_models: ['${X}']", "allowed_tools: ['${X}']",
            "cache: '${X}'", "metadata_claims: ['${X}']", "log_users: '${X}'", "rpm: '${X}'",
            "server_limits: {a: {rpm: '${X}'}}", "user_limits: {rpm: '${X}'}",
            "user_limits: {server_limits: {a: {rpm: '${X}'}}}", "plans: [{name: '${X}', match: {a: b}}]",
            "plans: [{name: p, match: {a: '${X}'}}]", "plans: [{name: p, match: {a: b}, rpm: '${X}'}]",
            "allowed_servers: ['${X}'], user_limits: {server_limits: {a: {rpm: 1}}}",
            "plans: [{name: p, match: {a: b}, allowed_servers: ['${X}'], server_limits: {a: {rpm: 1}}}]",
            "login: {authorize_url: '${X}', token_url: 'https://i', client_id: c}",
            "login: {authorize_url: 'https://i', token_url: '${X}', client_id: '${X}'}",
        ])
    func leavesOutIncomplete(member: String) throws {
        let loaded = try Self.loaded("- {issuer: https://i.example, client_ids: [c], \(member)}")
        #expect(loaded.table.settings.tokenIssuers.isEmpty)
        #expect(loaded.warnings.first == "the token issuer 'https://i.example' is ignored: X is not set")
    }

    @Test("All issuers that are left out are named in one warning, each with its reason")
    func warnsOnce() throws {
        let loaded = try Self.loaded(
            """
            - {issuer: 'https://${HOST}/', audiences: ['${API}']}
                - {issuer: b, secret: '${SECRET}'}
                - {issuer: c, secrets: ['${NEW:-}', '']}
            """, ["SECRET": "os.environ/SECRET"])
        #expect(loaded.table.settings.tokenIssuers.isEmpty)
        #expect(
            loaded.warnings == [
                "3 token issuers are ignored: https://${HOST}/ (HOST is not set, API is not set); b (SECRET holds a "
                    + "reference to another value, such as '$NAME', which is not resolved); c (its secret is empty)",
                "settings.virtual_keys has no usable key, so callers need a server's own token",
            ])
    }

    @Test("Issuers are compared to the last slash")
    func keepsSlashes() throws {
        let loaded = try Self.loaded(
            "- {issuer: 'https://i', audiences: [x]}\n    - {issuer: 'https://i/', audiences: [x]}")
        #expect(loaded.table.settings.tokenIssuers.map(\.name) == ["https://i", "https://i/"])
    }
}
