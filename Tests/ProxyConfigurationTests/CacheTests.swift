import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct CacheTests {
    private static let store = "store: {dynamodb: {table: use}}"

    /// The policy of a server "a" with this line, beside settings with these lines.
    private func policy(_ line: String, _ settings: String...) throws -> CachePolicy? {
        let lines = settings.map { "\n  \($0)" }.joined()
        return try load("a:\n  url: http://a\n  \(line)\nsettings:\(lines)").table.servers[0].cache
    }

    private static func changed(_ change: (inout CachePolicy) -> Void) -> CachePolicy {
        var policy = CachePolicy()
        change(&policy)
        return policy
    }

    @Test(
        "A server's cache is off unless the server or the settings switch it on",
        arguments: [
            ("", "", false), ("cache:", "", false), ("cache: false", "", false), ("cache: true", "", true),
            ("cache: {}", "", true), ("cache: 'TRUE'", "", true), ("cache: '${CACHE:-false}'", "", false),
            ("", "cache: true", true), ("", "cache: {}", true), ("", "cache: false", false),
            ("cache: false", "cache: true", false), ("cache: true", "cache: false", true),
            ("cache: {}", "cache: false", true), ("cache:", "cache: true", true),
        ])
    func switches(server: String, settings: String, isOn: Bool) throws {
        #expect(try policy(server, settings) == (isOn ? CachePolicy() : nil))
    }

    @Test(
        "Each member is read, on a server as under settings",
        arguments: [
            ("ttl: 1", changed { $0.ttl = 1 }),
            ("ttl: '31536000'", changed { $0.ttl = 31_536_000 }),
            ("ttl: 1.5", changed { $0.ttl = 2 }),
            ("max_entry_bytes: 1024", changed { $0.maxEntryBytes = 1024 }),
            ("max_entry_bytes: 6291456", changed { $0.maxEntryBytes = 6_291_456 }),
            ("shared: true", changed { $0.isShared = true }),
            ("only_deterministic: true", changed { $0.onlyDeterministic = true }),
            ("layers: [tmp]", changed { $0.layers = [.tmp] }),
            ("layers: [dynamodb, tmp, memory]", changed { $0.layers = [.memory, .tmp, .dynamoDB] }),
            ("layers: [dynamodb]", changed { $0.layers = [.dynamoDB] }),
            ("replay_pace: original", changed { $0.replaysAtOriginalPace = true }),
            ("replay_pace: full", CachePolicy()),
        ])
    func reads(member: String, expected: CachePolicy) throws {
        #expect(try policy("cache: {\(member)}", Self.store) == expected)
        #expect(try policy("", Self.store, "cache: {\(member)}") == expected)
    }

    @Test("A server overrides single members of the settings, wherever these are")
    func overrides() throws {
        let settings =
            "settings:\n  cache: {ttl: 60, shared: true, layers: [memory, tmp], replay_pace: original, tmp_bytes: 3000000}\n"
        let servers = """
            a: {url: http://a, cache: {ttl: 600, shared: false}}
            b: {url: http://b, cache: {layers: [memory], replay_pace: full}}
            c: {url: http://c, cache: true}
            d: {url: http://d}
            e: {url: http://e, cache: false}
            f: {url: http://f, reverse_proxy: true}

            """
        let standard = Self.changed {
            ($0.ttl, $0.isShared, $0.layers, $0.replaysAtOriginalPace) = (60, true, [.memory, .tmp], true)
        }
        var (first, second) = (standard, standard)
        (first.ttl, first.isShared) = (600, false)
        (second.layers, second.replaysAtOriginalPace) = ([.memory], false)
        for text in [settings + servers, servers + settings] {
            let table = try load(text).table
            #expect(table.servers.map(\.cache) == [first, second, standard, standard, nil, nil])
        }
    }

    @Test("The sizes of the layers are read, also where no server has a cache")
    func readsSizes() throws {
        func sizes(_ cache: String) throws -> CacheSizes {
            try load("a: {url: http://a, cache: false}\nsettings: {cache: \(cache)}").table.settings.cacheSizes
        }
        #expect(try sizes("{}") == CacheSizes())
        let least = try sizes("{memory_bytes: 1048576, tmp_bytes: 1048576, max_entry_bytes: 1048576}")
        #expect((least.memory, least.tmp) == (1_048_576, 1_048_576))
        let most = try sizes("{memory_bytes: 10737418240, tmp_bytes: 10737418240}")
        #expect((most.memory, most.tmp) == (10_737_418_240, 10_737_418_240))
    }

    @Test("A virtual key has the server's cache, none, or a namespace that it shares with other keys")
    func readsKeys() throws {
        func caching(_ line: String) throws -> CallerCaching? {
            let key = "{name: k, key: 0123456789abcdef, \(line)}"
            return try load("a: {url: http://a}\nsettings: {virtual_keys: [\(key)]}", ["N": "ü"])
                .table.settings.virtualKeys.first?.permissions.caching
        }
        for line in ["", "cache: ", "cache: true"] { #expect(try caching(line) == .asServer) }
        #expect(try caching("cache: false") == .off)
        #expect(try caching("cache: {namespace: team a}") == .namespace("team a"))
        #expect(try caching("cache: {namespace: '${N}'}") == .namespace("ü"))
        let longest = String(repeating: "n", count: 256)
        #expect(try caching("cache: {namespace: \(longest)}") == .namespace(longest))
        for line in ["cache: '${X}'", "cache: {namespace: '${X}'}"] { #expect(try caching(line) == nil) }
    }

    @Test(
        "A server of whose cache a variable is missing can't be used",
        arguments: [
            "'${X}'", "{ttl: '${X}'}", "{max_entry_bytes: '${X}'}", "{shared: '${X}'}", "{only_deterministic: '${X}'}",
            "{layers: ['${X}']}", "{layers: ['${X}', dynamodb]}", "{replay_pace: '${X}'}",
        ])
    func misses(cache: String) throws {
        let loaded = try load("a: {url: 'http://${Y}', cache: \(cache)}")
        #expect(loaded.table.servers[0].missingVariables == ["Y", "X"])
        #expect(loaded.warnings.contains { $0.contains("can't be used until Y and X are set") })
    }
}

extension CacheTests {
    private static let first = "a:\n  url: http://a\n  "

    /// What follows the key `cache`, at the end of line 3.
    private static let refusedServers: [(String, Int, String)] = [
        ("on", 3, "server 'a': 'cache' must be true, false or a mapping of keys: ttl, max_entry_bytes, shared"),
        ("60", 3, "'cache' must be true, false or a mapping"),
        ("[memory]", 3, "'cache' must be true, false or a mapping"),
        ("{tll: 1}", 3, "'cache' of server 'a' has an unknown key 'tll'; did you mean 'ttl'?"),
        (
            "{memory_bytes: 4000000}", 3,
            "'cache' of server 'a': 'memory_bytes' is for all servers together; move it to 'cache' of 'settings'"
        ),
        ("{tmp_bytes: 4000000}", 3, "'tmp_bytes' is for all servers together; move it to 'cache' of 'settings'"),
        ("\n    ttl: 60\n    ttl: 60", 5, "'ttl'"),
        ("{ttl: 0}", 3, "'ttl' must be a number of seconds from 1 to 31536000"),
        ("{ttl: 0.9}", 3, "'ttl' must be a number of seconds from 1 to 31536000"),
        ("{ttl: 31536001}", 3, "'ttl' must be a number of seconds from 1 to 31536000"),
        ("{ttl: 1h}", 3, "'ttl' must be a number of seconds"), ("{ttl: nan}", 3, "'ttl' must be a number of seconds"),
        ("{max_entry_bytes: 1023}", 3, "'max_entry_bytes' must be a whole number from 1024 to 6291456"),
        ("{max_entry_bytes: 6291457}", 3, "'max_entry_bytes' must be a whole number from 1024 to 6291456"),
        ("{max_entry_bytes: 2e6}", 3, "'max_entry_bytes' must be a whole number"),
        ("{shared: 1}", 3, "'shared' must be true or false"),
        ("{only_deterministic: maybe}", 3, "'only_deterministic' must be true or false"),
        ("{layers: memory}", 3, "'cache' of server 'a': 'layers' must be a list"),
        ("{layers: []}", 3, "'layers' is empty; list some of memory, tmp, dynamodb, or write 'cache: false'"),
        ("\n    layers:\n    - memory\n    - disk", 6, "'layers' has an unknown layer 'disk'; expected one of: memory"),
        ("{layers: [dynamo]}", 3, "'layers' has an unknown layer 'dynamo'; did you mean 'dynamodb'?"),
        ("\n    layers:\n    - tmp\n    - memory\n    - tmp", 7, "'layers' has 'tmp' twice; remove one"),
        ("{layers: [[memory]]}", 3, "'layers' must be a single value"),
        (
            "\n    ttl: 9\n    layers: [memory, dynamodb]", 5,
            "'layers' has 'dynamodb', which needs a table; add 'store: {dynamodb: {table: …}}' to 'settings'"
        ),
        ("{replay_pace: fast}", 3, "'replay_pace' must be 'full' or 'original'"),
        (
            "{max_entry_bytes: 3000000}\nsettings: {cache: {memory_bytes: 2500000}}", 3,
            "'max_entry_bytes' leaves no room for the longest response: 'max_entry_bytes' is 3000000, but "
                + "'memory_bytes' is 2500000; lower the first or raise the second"
        ),
        (
            "{layers: [tmp]}\nsettings: {cache: {tmp_bytes: 2000000}}", 3,
            "'layers' leaves no room for the longest response: 'max_entry_bytes' is 2097152, but 'tmp_bytes' is 2000000"
        ),
        ("true\n  reverse_proxy: true", 3, "'cache' can't be combined with 'reverse_proxy', which doesn't read bodies"),
        ("{ttl: 9}\n  reverse_proxy: true", 3, "'cache' can't be combined with 'reverse_proxy'"),
    ]

    @Test("An invalid cache of a server is refused with its line", arguments: refusedServers)
    func refusesServer(text: String, line: Int, message: String) throws {
        try Refusal("\(Self.first)cache: \(text)", line, message).expect()
    }

    /// What follows the key `cache`, at the end of line 3.
    private static let refusedSettings: [(String, Int, String)] = [
        ("maybe", 3, "settings: 'cache' must be true, false or a mapping of keys: ttl"),
        ("{tpm_bytes: 1}", 3, "'cache' of settings has an unknown key 'tpm_bytes'; did you mean 'tmp_bytes'?"),
        ("{namespace: a}", 3, "'cache' of settings has an unknown key 'namespace'"),
        ("{memory_bytes: 1048575}", 3, "'memory_bytes' must be a whole number from 1048576 to 10737418240"),
        ("{memory_bytes: 10737418241}", 3, "'memory_bytes' must be a whole number from 1048576 to 10737418240"),
        ("{tmp_bytes: 1MB}", 3, "'tmp_bytes' must be a whole number from 1048576 to 10737418240"),
        ("\n    memory_bytes: 2000000", 4, "'memory_bytes' leaves no room for the longest response"),
        ("\n    tmp_bytes: 2000000\n    layers: [tmp]", 4, "'tmp_bytes' leaves no room for the longest response"),
        ("{layers: [dynamodb]}", 3, "'layers' has 'dynamodb', which needs a table"),
        ("{layers: [dynamodb]}\n  store: memory", 3, "'layers' has 'dynamodb', which needs a table"),
        ("${X}", 3, "settings: 'cache' needs X, which is not set"),
        ("{ttl: '${X}'}", 3, "settings: 'cache' needs X, which is not set"),
        ("{layers: ['${X}']}", 3, "settings: 'cache' needs X, which is not set"),
        ("\n    - ttl", 3, "'cache' must be true, false or a mapping"),
    ]

    @Test("An invalid cache under settings is refused with its line", arguments: refusedSettings)
    func refusesSettings(text: String, line: Int, message: String) throws {
        try Refusal("a: {url: http://a}\nsettings:\n  cache: \(text)", line, message).expect()
    }

    /// What follows the key `cache`, at the end of line 6.
    private static let refusedKeys: [(String, Int, String)] = [
        ("off", 6, "a virtual key: 'cache' must be true, false or a mapping of keys: namespace"),
        ("team-a", 6, "'cache' must be true, false or a mapping of keys: namespace"),
        ("{}", 6, "'namespace' is missing; name one, or write 'cache: false'"),
        ("{namespace: }", 6, "'cache' of a virtual key: 'namespace' is missing"),
        ("{ttl: 60}", 6, "'cache' of a virtual key has an unknown key 'ttl'"),
        ("\n        namespace: ''", 7, "'namespace' must be 1 to 256 bytes without control characters"),
        ("{namespace: \"a\\u0007b\"}", 6, "'namespace' must be 1 to 256 bytes without control characters"),
        ("{namespace: \(String(repeating: "ü", count: 129))}", 6, "'namespace' must be 1 to 256 bytes"),
        ("{namespace: [a]}", 6, "'namespace' must be a single value"),
    ]

    @Test("An invalid cache of a virtual key is refused with its line", arguments: refusedKeys)
    func refusesKey(text: String, line: Int, message: String) throws {
        let key = "    - name: k\n      key: 0123456789abcdef\n      cache: \(text)"
        try Refusal("a: {url: http://a}\nsettings:\n  virtual_keys:\n\(key)", line, message).expect()
    }
}

extension CacheTests {
    private func warnings(_ servers: String, keys: String..., settings: String = "") throws -> [String] {
        let keys = keys.enumerated().map { "{name: k\($0), key: 0123456789abcde\($0)\($1)}" }.joined(separator: ", ")
        let loaded = try load("\(servers)\nsettings: {virtual_keys: [\(keys)]\(settings)}")
        return loaded.warnings.filter { $0.contains("cache") || $0.contains("namespace") }
    }

    @Test("The owner is warned of a shared cache where several callers see each other's responses")
    func warnsOfSharing() throws {
        let shared = "a: {url: http://a, cache: {shared: true}}\nb: {url: http://b}"
        let warning =
            "the cache of the server 'a' is shared: all callers that may use the server get each other's responses; "
            + "remove 'shared', or give keys that belong together the same 'namespace'"
        #expect(try warnings(shared, keys: "", "") == [warning])
        #expect(try warnings(shared, keys: "", settings: ", allow_anonymous: true") == [warning])
        #expect(try warnings(shared, keys: "").isEmpty)
        #expect(try warnings(shared, keys: "", ", cache: false").isEmpty)
        #expect(try warnings(shared, keys: "", ", cache: {namespace: n}").isEmpty)
        #expect(try warnings(shared, keys: "", ", allowed_servers: [b]").isEmpty)
        #expect(try warnings("a: {url: http://a, cache: true}", keys: "", "").isEmpty)
    }

    @Test("The owner is warned of a namespace where nothing is cached")
    func warnsOfUnusedNamespace() throws {
        let servers = "a: {url: http://a}\nb: {url: http://b, cache: true}"
        let warning =
            "the 'namespace' of the virtual key 'k0' isn't used: no server that this key may use has a cache; "
            + "add 'cache: true' to one"
        #expect(try warnings(servers, keys: ", allowed_servers: [a], cache: {namespace: n}") == [warning])
        #expect(try warnings("a: {url: http://a}", keys: ", cache: {namespace: n}") == [warning])
        #expect(try warnings(servers, keys: ", cache: {namespace: n}").isEmpty)
        #expect(try warnings(servers, keys: ", allowed_servers: [a]", ", cache: false").isEmpty)
    }
}
