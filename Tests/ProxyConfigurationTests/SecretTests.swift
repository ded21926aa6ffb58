import Testing
import Transport

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct SecretTests {
    private static let key = "0123456789abcdef"
    private static let digest = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"

    @Test(
        "Spaces and line ends around a key or token are ignored",
        arguments: [
            "'\(key) '", "'\t\(key)'", "\"\(key)\\n\"", "\"\(key)\\r\\n\"", "|\n        \(key)",
            "|+\n        \(key)\n\n",
            ">\n        \(key)\n", "${KEY}", "'${KEY}\n\n        '", "\"  ${KEY:-x}\\t\"",
        ])
    func trims(value: String) throws {
        let table = try load(
            """
            a:
              url: http://a
              token: \(value)
            settings:
              virtual_keys:
                - name: k
                  key: \(value)

            """, ["KEY": "\(Self.key)\r\n"]
        ).table
        #expect(table.servers[0].token == Secret(Self.key))
        #expect(table.settings.virtualKeys.map(\.digest) == [KeyDigest(of: Secret(Self.key))])
    }

    @Test("Spaces around any scalar value are ignored")
    func trimsAll() throws {
        let lines = "  model: \"m\\n\"\n  timeout: ' 5 '\n  commit_early: 'false '\n  endpoints: [\" files\\t\"]\n"
        let server = try server(lines + "  model_aliases: {a: \"${B}\\n\"}", ["B": "b\r"])
        #expect(server.model == "m")
        #expect(server.limits.total == 5000)
        #expect(!server.commitsEarly)
        #expect(server.endpoints == [EndpointPattern("files")])
        #expect(server.modelAliases == ["a": "b"])
    }

    @Test(
        "A hash may have spaces around it",
        arguments: ["' \(digest)\t'", "\"\(digest)\\n\"", "|\n        sha256:\(digest)", "\"${HASH}\""])
    func trimsHashes(value: String) throws {
        let text = "a: {url: 'http://a'}\nsettings:\n  virtual_keys:\n    - name: k\n      key_hash: \(value)\n"
        let keys = try load(text, ["HASH": "\(Self.digest)\n"]).table.settings.virtualKeys
        #expect(keys.map(\.digest) == [KeyDigest(of: Secret(Self.key))])
    }

    @Test(
        "A secret with a control character inside is refused with its line, without showing it",
        arguments: [
            "\"open\\nsesame\"", "\"open\\rsesame\"", "\"open\\tsesame\"", "\"open\\0sesame\"", "\"open\\x7Fsesame\"",
            "|\n        open\n        sesame", "\"${X:-open\\nsesame}\"",
        ])
    func refusesControls(value: String) throws {
        for (text, line) in [
            ("a:\n  url: http://a\n  token: \(value)\n", 3),
            ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: k\n      key: \(value)\n", 5),
        ] {
            try Refusal(text, line, "contains a line break or another control character").expect()
            let error = try #require(throws: ConfigurationError.self) { try load(text) }
            #expect(!"\(error)".contains("sesame"))
        }
    }

    @Test("A variable with a line break inside disables only its server, and its key opens nothing")
    func leavesOutControls() throws {
        let loaded = try load(
            """
            a: {url: 'http://a', token: '${KEY}'}
            b: {url: 'http://b', model: '${KEY}'}
            settings: {virtual_keys: [{name: k, key: '${KEY}'}]}
            """, ["KEY": "open\nsesame"])
        #expect(loaded.table.servers.map(\.missingVariables) == [["KEY"], []])
        #expect(loaded.table.settings.virtualKeys.isEmpty)
        let problem = "contains a line break or another control character"
        #expect(loaded.warnings.contains("the environment variable KEY can't be used: it \(problem)"))
        #expect(loaded.warnings.contains("the virtual key 'k' is ignored: KEY \(problem)"))
    }

    @Test(
        "The hash of nothing opens nothing, and the log says what to write",
        arguments: [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256:01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b", "${HASH}",
        ])
    func refusesHashOfNothing(hash: String) throws {
        let loaded = try load(
            "a: {url: 'http://a'}\nsettings: {virtual_keys: [{name: k, key_hash: '\(hash)'}]}",
            ["HASH": "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b"])
        #expect(loaded.table.settings.virtualKeys.isEmpty)
        #expect(
            loaded.warnings.contains {
                $0.hasPrefix("the virtual key 'k' is ignored: ") && $0.contains("printf %s \"$KEY\" | sha256sum")
            })
    }

    @Test("A key that most programs can't send is a warning")
    func warnsOfUnsendable() throws {
        let text =
            "a: {url: 'http://a', token: schlüssel-0123456789}\nsettings: {virtual_keys: [{name: k, key: käse-0123456789ab}]}"
        let warnings = try load(text).warnings
        #expect(warnings.count { $0.contains("contains non-ASCII characters") } == 2)
        #expect(!warnings.contains { $0.contains("schl") || $0.contains("käse") })
    }
}
