import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct VirtualKeyTests {
    private static let servers = "openai: {url: http://o}\nlocal: {url: http://l}\n"

    private func keys(_ lines: String, _ environment: [String: String] = [:]) throws -> LoadedTable {
        try load("\(Self.servers)settings:\n  virtual_keys:\n\(lines)", environment)
    }

    @Test("All members of a virtual key are read")
    func readsAll() throws {
        let loaded = try keys(
            """
                - name: Web App
                  key: 0123456789abcdef
                  id: web-1.A_b
                  expires: 2027-01-31
                  allowed_servers: [local, '${SERVER}']
                  allowed_models: [gpt-4o, claude-*]
                  allowed_tools: [web_search*, mcp]
                  allow_stored_data: true
                  metadata: {team: web, cost center: 12, owner: '${OWNER:-}'}
                  rpm: 60
                  max_parallel_requests: 4
                  server_limits: {local: {tpm: 1000}}
            """, ["SERVER": "openai"])
        var expected = VirtualKey(id: "web-1.A_b", name: "Web App", digest: KeyDigest(of: Secret("0123456789abcdef")))
        expected.expires = 1_801_353_600
        expected.permissions.allowedServers = ["local", "openai"]
        expected.permissions.allowedModels = [ModelPattern("gpt-4o"), ModelPattern("claude-*")]
        expected.permissions.allowedTools = [ModelPattern("web_search*"), ModelPattern("mcp")]
        expected.permissions.allowsStoredData = true
        expected.metadata = ["team": "web", "cost center": "12", "owner": ""]
        expected.limits.quotaSet.quotas = [Quota(.requests, each: .minute, 60)]
        expected.limits.quotaSet.parallel = 4
        var local = QuotaSet()
        local.quotas = [Quota(.tokens, each: .minute, 1000)]
        expected.limits.serverQuotaSets = ["local": local]
        #expect(loaded.table.settings.virtualKeys == [expected])
        #expect(loaded.warnings.count == 1, "only that of the store")
    }

    @Test("A key with nothing but its name and secret has the defaults")
    func keepsDefaults() throws {
        let loaded = try keys(
            "    - {name: a b, key: 0123456789abcdef, id: ~, expires: ~, metadata: ~, server_limits: ~}")
        let expected = VirtualKey(name: "a b", digest: KeyDigest(of: Secret("0123456789abcdef")))
        #expect(loaded.table.settings.virtualKeys == [expected])
        #expect(expected.id == "a b")
        #expect(loaded.warnings.isEmpty)
    }

    @Test("A duplicate key opens what its first entry says, and the log says so")
    func leavesOutSame() throws {
        let loaded = try keys(
            """
                - {name: one, key: 0123456789abcdef}
                - {name: two, key: 0123456789abcdef, rpm: 1}
            """)
        #expect(loaded.table.settings.virtualKeys.map(\.name) == ["one"])
        #expect(loaded.warnings == ["the virtual key 'two' is ignored: it has the same key as 'one'"])
    }

    @Test(
        "A key of which any variable is missing is ignored: its limits would be missing too",
        arguments: [
            "id: '${X}'", "expires: '${X}'", "allowed_servers: ['${X}']", "allowed_models: ['${X}', m]",
            "allowed_tools: ['${X}', m]", "allow_stored_data: '${X}'",
            "metadata: {a: '${X}'}", "rpm: '${X}'", "max_budget: '${X}'", "max_budget: 1, budget_duration: '${X}'",
            "max_parallel_requests: '${X}'", "server_limits: {local: {tpm: '${X}'}}",
            "allowed_servers: ['${X}'], server_limits: {local: {rpm: 1}}",
        ])
    func leavesOutIncomplete(line: String) throws {
        let loaded = try keys("    - {name: k, key: 0123456789abcdef, \(line)}")
        #expect(loaded.table.settings.virtualKeys.isEmpty)
        #expect(loaded.warnings.first == "the virtual key 'k' is ignored: X is not set")
    }

    /// Texts that are refused in a list of keys, from line 5, and their lines.
    private static let refused: [(String, Int, String)] = [
        ("- {name: a, key: x}\n    - {name: a, key: '${X}'}", 6, "'name' 'a' is taken by another key"),
        ("- {name: a, key: '${X}'}\n    - {name: a, key: x}", 6, "'name' 'a' is taken by another key"),
        ("- {name: a, key: x, id: b}\n    - {name: c, key: y, id: b}", 6, "'id' 'b' is taken by another key"),
        ("- {name: a, key: x}\n    - {name: c, key: y, id: a}", 6, "'id' 'a' is taken by another key"),
        (
            "- {name: a, key: x, id: b}\n    - {name: b, key: y}", 6,
            "'name' 'b' is the id of another key; give this one an 'id' of its own"
        ),
        (
            "- name: \(String(repeating: "a", count: 257))\n      key: x", 5,
            "'name' is longer than 256 bytes; shorten it"
        ),
        ("- name: a\n      key: x\n      id: owner", 7, "'id' can't be 'owner', which the log uses"),
        ("- name: anonymous\n      key: x", 5, "'name' can't be 'anonymous', which the log uses"),
        ("- name: a\n      key: x\n      id: a b", 7, "'id' must be 1 to 64 letters, digits, '-', '_' and '.'"),
        ("- name: a\n      key: x\n      id: ''", 7, "'id' must be 1 to 64 letters"),
        ("- name: a\n      key: x\n      id: ä", 7, "'id' must be 1 to 64 letters"),
        ("- name: a\n      key: x\n      id: \(String(repeating: "a", count: 65))", 7, "'id' must be 1 to 64 letters"),
        (
            "- name: a\n      key: x\n      expires: 2027-02-29", 7,
            "'expires' must be a date, '2027-01-31', or a time in UTC, '2027-01-31T12:00:00Z'"
        ),
        ("- name: a\n      key: x\n      expires: never", 7, "'expires' must be a date"),
        ("- name: a\n      key: x\n      allowed_servers: openai", 7, "'allowed_servers' must be a list"),
        (
            "- name: a\n      key: x\n      allowed_servers: []", 7,
            "'allowed_servers' is empty; list what is allowed, or remove it to allow all servers"
        ),
        ("- name: a\n      key: x\n      allowed_servers:", 7, "'allowed_servers' is empty"),
        (
            "- name: a\n      key: x\n      allowed_servers:\n        - local\n        - opnai", 9,
            "'allowed_servers' has an unknown server 'opnai'; did you mean 'openai'?"
        ),
        ("- name: a\n      key: x\n      allowed_models: []", 7, "remove it to allow all models"),
        ("- name: a\n      key: x\n      allowed_models:", 7, "'allowed_models' is empty"),
        ("- name: a\n      key: x\n      allowed_tools: []", 7, "list types of tools, such as 'web_search'"),
        ("- name: a\n      key: x\n      allowed_tools:", 7, "'allowed_tools' is empty"),
        ("- name: a\n      key: x\n      allowed_tools: mcp", 7, "'allowed_tools' must be a list"),
        ("- name: a\n      key: x\n      allowed_tools:\n        - ''", 8, "'allowed_tools' has an empty name"),
        ("- name: a\n      key: x\n      allow_stored_data: maybe", 7, "must be true or false"),
        ("- name: a\n      key: x\n      allowed_models: '*'", 7, "'allowed_models' must be a list"),
        (
            "- name: a\n      key: x\n      allowed_models:\n        - ''", 8,
            "'allowed_models' has an empty name; name a model there, or '*' for all"
        ),
        ("- name: a\n      key: x\n      metadata: x", 7, "'metadata' must be a mapping from names to texts"),
        ("- name: a\n      key: x\n      metadata:\n        '': x", 8, "'metadata' has an empty name; give it one"),
        ("- name: a\n      key: x\n      metadata:\n        b: [x]", 8, "'metadata' must be a single value"),
        (
            "- name: a\n      key: x\n      metadata:\n        b: c\n        d: \(String(repeating: "e", count: 257))",
            9,
            "'metadata' has an entry of more than 256 characters; shorten it"
        ),
        (
            "- name: a\n      key: x\n      metadata: {\((0..<17).map { "k\($0): v" }.joined(separator: ", "))}", 7,
            "'metadata' has 17 entries; keep at most 16"
        ),
        (
            "- name: a\n      key: x\n      server_limits:\n        lokal: {rpm: 1}", 8,
            "'server_limits' has an unknown server 'lokal'; did you mean 'local'?"
        ),
        (
            "- name: a\n      key: x\n      allowed_servers: [openai]\n      server_limits:\n        local: {rpm: 1}",
            9,
            "'server_limits' has 'local', which is not in 'allowed_servers'; remove it here, or add it there"
        ),
        (
            "- name: a\n      key: x\n      server_limits: [local]", 7,
            "'server_limits' must be a mapping from server names"
        ),
        (
            "- name: a\n      key: x\n      server_limits:\n        local: 5", 8,
            "the limits for 'local' of a virtual key must be a mapping of keys: rpm, tpm"
        ),
        ("- name: a\n      key: x\n      expire: 1", 7, "did you mean 'expires'?"),
    ]

    @Test("An invalid key is refused with its line", arguments: refused)
    func refuses(lines: String, line: Int, message: String) throws {
        try Refusal("\(Self.servers)settings:\n  virtual_keys:\n    \(lines)", line, message).expect()
    }

    @Test(
        "A server can't have a name that no path can have",
        arguments: [" .", " ..", " . .", " ...;x", "a/b", "a\\b"])
    func refusesUnreachableNames(name: String) throws {
        try Refusal("a: {url: http://a}\n'\(name)': {url: http://b}", 2, "it is the first part of a path").expect()
    }

    @Test(
        "The proxy's own paths can't be names of servers", arguments: [("v1", "/v1/models"), ("health", "/health")])
    func refusesReservedNames(name: String, path: String) throws {
        let message = "'\(name)' can't be a server's name: \(path) is the proxy's own path"
        try Refusal("a: {url: http://a}\n\(name): {url: http://b}", 2, message).expect()
    }
}
