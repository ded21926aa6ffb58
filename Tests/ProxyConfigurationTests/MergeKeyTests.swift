import JSONWebTokens
import Testing
import Transport
import YAML

@testable import Proxy
@testable import ProxyConfiguration

/// `<<: *name` in a table.
@Suite struct MergeKeyTests {
    private func pairs(_ text: String) throws -> [String] {
        let root = try YAMLParser.parse(Array(text.utf8))
        return (root?["m"]?.members ?? []).map { member in
            guard case .scalar(let value, _) = member.value.value else { return member.key }
            return "\(member.key)=\(value)"
        }.sorted()
    }

    @Test(
        "A mapping merges the keys that it doesn't have itself",
        arguments: [
            ("b: &b {x: 1, y: 2}\nm: {<<: *b}", ["x=1", "y=2"]),
            ("b: &b {x: 1, y: 2}\nm: {<<: *b, y: 3}", ["x=1", "y=3"]),
            ("b: &b {x: 1, y: 2}\nm: {y: 3, <<: *b}", ["x=1", "y=3"]),
            ("b: &b {x: 1}\nc: &c {x: 2, y: 2}\nm: {<<: [*b, *c]}", ["x=1", "y=2"]),
            ("b: &b {x: 1}\nc: &c {x: 2, y: 2}\nm: {<<: [*c, *b], z: 3}", ["x=2", "y=2", "z=3"]),
            ("b: &b {x: 1}\nc: &c {<<: *b, y: 2}\nm: {<<: *c, z: 3}", ["x=1", "y=2", "z=3"]),
            ("b: &b {x: 1}\nl: &l [*b, {y: 2}]\nm: {<<: *l}", ["x=1", "y=2"]),
            ("m: {<<: {x: 1}, y: 2}", ["x=1", "y=2"]), ("m: {<<: [], y: 2}", ["y=2"]), ("m: {<<: {}, y: 2}", ["y=2"]),
            ("b: &b {x: {p: 1}}\nm: {<<: *b, x: {q: 2}}", ["x"]), ("b: &b {x: 1}\nm:\n  !!merge <<: *b", ["x=1"]),
            ("b: &b {x: 1}\nm: {\"<<\": *b}", ["<<"]), ("b: &b {x: 1}\nm: {'<<': 1, <<: *b}", ["<<=1", "x=1"]),
        ])
    func merges(text: String, expected: [String]) throws {
        #expect(try pairs(text) == expected)
    }

    @Test("Token issuers and their plans can merge others, and another source of keys replaces the merged one")
    func mergesIssuers() throws {
        let settings = try load(
            """
            a: {url: http://a}
            settings:
              user_id_key: a-key-of-this-test
              token_issuers:
                - &one
                  issuer: https://one.example
                  audiences: [api]
                  jwks_url: https://one.example/keys
                  user_limits: {rpm: 5}
                  plans:
                    - &pro {name: pro, match: {plan: pro}, rpm: 50}
                    - {<<: *pro, name: team, match: {plan: team}}
                - {<<: *one, issuer: two, secret: \(TokenIssuerTests.secret)}
            """
        ).table.settings
        let (one, two) = (settings.tokenIssuers[0], settings.tokenIssuers[1])
        #expect(one.keys == .published(url: "https://one.example/keys"))
        #expect(two.keys == .secrets([Secret(TokenIssuerTests.secret)]))
        #expect(two.rules.audiences == ["api"])
        #expect(one.plans.map(\.name) == ["pro", "team"] && one.plans == two.plans)
        #expect(one.plans[0].limits == one.plans[1].limits)
    }

    @Test("Servers and keys can merge others, at any place")
    func mergesInTables() throws {
        let table = try load(
            """
            .defaults: &defaults
              timeout: 60
              num_retries: 1
            a: &a
              <<: *defaults
              url: http://a/v1
              token: ${TOKEN}
            b:
              <<: *a
              url: http://b/v1
              num_retries: 3
            settings:
              virtual_keys:
                - &web {name: web, key: key-of-web, allowed_servers: [a]}
                - {<<: *web, name: app, key: key-of-app}
            """, ["TOKEN": "sk-1"]
        ).table
        #expect(table.servers.map(\.name) == ["a", "b"])
        #expect(table.servers.map(\.limits.total) == [60_000, 60_000])
        #expect(table.servers.map(\.retries) == [1, 3])
        #expect(table.servers.map { $0.urls[0].text } == ["http://a/v1", "http://b/v1"])
        #expect(table.servers.map(\.token) == [Secret("sk-1"), Secret("sk-1")])
        #expect(table.settings.virtualKeys.map(\.name) == ["web", "app"])
        #expect(table.settings.virtualKeys.map(\.permissions.allowedServers) == [["a"], ["a"]])
    }

    @Test(
        "The mapping's own key wins, under any of its names",
        arguments: [
            ("{<<: *url, api_base: 'http://own'}", "http://own", "base"),
            ("{api_base: 'http://own', <<: *url}", "http://own", "base"),
            ("{<<: *url, base_url: 'http://own', api_key: own}", "http://own", "own"),
            ("{<<: *api_base, url: 'http://own'}", "http://own", "base"),
            ("{<<: *base_url, api_base: 'http://own', token: own}", "http://own", "own"),
            ("{<<: *base_url, api_base: ['http://own']}", "http://own", "base"),
            ("{<<: [*url, *api_base]}", "http://url", "base"), ("{<<: [*api_base, *url]}", "http://api_base", "base"),
            ("{<<: [*api_base, *base_url, *url], api_key: own}", "http://api_base", "own"),
            ("{<<: *nested}", "http://nested", "base"), ("{<<: *nested, base_url: 'http://own'}", "http://own", "base"),
            ("{<<: [{url: 'http://one'}, {api_base: 'http://two'}]}", "http://one", nil),
            ("{<<: *url, api_key: ~}", "http://url", nil),
        ] as [(String, String, String?)])
    func prefersNearer(server: String, url: String, token: String?) throws {
        let table = try load(
            """
            .url: &url {url: http://url, token: base}
            .api_base: &api_base {api_base: http://api_base, api_key: base}
            .base_url: &base_url {base_url: http://base_url, token: base}
            .nested: &nested {<<: *url, api_base: http://nested}
            a: \(server)
            """
        ).table
        #expect(table.servers[0].urls.map(\.text) == [url])
        #expect(table.servers[0].token == token.map { Secret($0) })
    }

    /// The SHA-256 of "own".
    private static let hash = "5b3975651c3cab92d044c096dc30a1c2d9525497457472de48c51ecb363d1f4a"

    @Test(
        "A virtual key's own 'key' or 'key_hash' replaces either of them",
        arguments: [
            ("{<<: *key, name: b, key_hash: \(hash)}", "own"), ("{key_hash: \(hash), <<: *key, name: b}", "own"),
            ("{<<: *hash, name: b, key: own-own-own-own}", "own-own-own-own"), ("{<<: [*key, *hash], name: b}", "key"),
            ("{<<: *hash, name: b, key: ~}", "own"), ("{<<: *key, name: b, key_hash: ~}", "key"),
        ])
    func prefersOwnKey(key: String, login: String) throws {
        let keys = try load(
            """
            a: {url: http://a}
            .key: &key {key: key, rpm: 5}
            .hash: &hash {key_hash: \(Self.hash), rpm: 5}
            settings: {virtual_keys: [\(key)]}
            """
        ).table.settings.virtualKeys
        #expect(keys.map(\.digest) == [KeyDigest(of: Secret(login))])
        #expect(keys.map(\.limits.quotaSet.quotas) == [[Quota(.requests, each: .minute, 5)]])
    }

    @Test("All servers can be merged at once")
    func mergesServers() throws {
        #expect(try load(".all: &all {a: {url: 'http://a'}}\n<<: *all").table.servers.map(\.name) == ["a"])
    }

    private static let refused = [
        Refusal("a:\n  url: http://a\n  <<: x", 3, "'<<' must have a mapping, such as '*name', or a list of mappings"),
        Refusal("a:\n  url: &u http://a\n  <<: *u", 3, "'<<' must have a mapping"),
        Refusal("a:\n  url: http://a\n  <<:", 3, "'<<' must have a mapping"),
        Refusal("a: &a {url: 'http://a'}\nb:\n  <<: [*a, x]", 3, "'<<' must have a mapping"),
        Refusal("a: &a {url: 'http://a'}\nb:\n  <<: [[*a]]", 3, "'<<' must have a mapping"),
        Refusal("a: &a {url: 'http://a'}\nb:\n  <<: *a\n  <<: *a", 4, "'<<' is there twice, first on line 3"),
        Refusal("a:\n  <<: *a\n  url: http://a", 2, "the anchor 'a' is not defined above"),
        Refusal("a: &a\n  <<: *a\n  url: http://a", 2, "the anchor 'a' is not defined above"),
        Refusal("a:\n  url: http://a\n  '<<': {model: m}", 3, "server 'a' has an unknown key '<<'"),
        Refusal(".x: &x\n  modle: m\na:\n  <<: *x\n  url: http://a", 2, "server 'a' has an unknown key 'modle'"),
        Refusal(".x: &x\n  timeout: soon\na:\n  <<: *x\n  url: http://a", 2, "server 'a': 'timeout' must be a number"),
        Refusal(
            ".x: &x\n  url: http://x\n  api_base: http://y\na:\n  <<: *x", 3,
            "'a' has 'url' twice, once as 'api_base' (merged by '<<' into the mapping at line 5)"),
        Refusal(
            ".x: &x\n  url: http://x\na:\n  <<: *x\n  api_base: http://a\n  base_url: http://b", 6,
            "'a' has 'url' twice, once as 'base_url'"),
        Refusal(
            ".x: &x\n  timeout: soon\na:\n  url: http://a\n  <<: *x", 2,
            "from 0.001 to 86400 (merged by '<<' into the mapping at line 4)"),
        Refusal(
            ".x: &x\n  tokne: t\na:\n  <<: *x\n  url: http://a", 2,
            "did you mean 'token'? (merged by '<<' into the mapping at line 4)"),
        Refusal(
            "a: {url: 'http://a'}\nsettings:\n  virtual_keys:\n    - &k {name: k, key: x, rpm: 0}", 4,
            "from 1 to 1000000000000"),
        Refusal(
            "a: {url: 'http://a'}\n.k: &k\n  key: x\n  key_hash: y\nsettings:\n  virtual_keys:\n    - {<<: *k, name: k}",
            3,
            "must be given, but not both (merged by '<<' into the mapping at line 7)"),
        Refusal(".x: &x {a: 1}\na:\n  url: http://a\n  url: http://b\n  <<: *x", 4, "'url' is there twice"),
        Refusal(".x: {url: 'http://a'}", nil, "the file lists no server"),
        Refusal("x-base: &x\n  timeout: 1\na: {<<: *x, url: 'http://a'}", 1, "begin its name with a dot"),
    ]

    @Test("An invalid merge is refused with its line", arguments: refused)
    func refuses(refusal: Refusal) throws { try refusal.expect() }

    @Test("Repeated merges are limited")
    func boundsMerges() throws {
        let members = (0..<1000).map { "k\($0): 0" }.joined(separator: ", ")
        let servers = (0..<20).map { "m\($0): {<<: *x}" }.joined(separator: "\n")
        try Refusal(".x: &x {\(members)}\n\(servers)", 11, "'<<' merges too much").expect()
        let doubled = (1..<40).map { ".x\($0): &x\($0) {<<: [*x\($0 - 1), *x\($0 - 1)]}" }.joined(separator: "\n")
        #expect(try load(".x0: &x0 {timeout: 1}\n\(doubled)\na: {<<: *x39, url: 'http://a'}").table.servers.count == 1)
    }
}
