import Proxy
import YAML

/// `cache`: of a server, under `settings` and in a virtual key.
extension Section {
    /// A switch, or a mapping whose missing variables the caller must `adopt`.
    private enum Cache {
        case isOn(Bool)
        case members(Section)
    }

    private static let policyKeys = [
        "ttl", "max_entry_bytes", "shared", "only_deterministic", "layers", "replay_pace",
    ]
    private static let sizeKeys = ["memory_bytes", "tmp_bytes"]
    /// 1 MB to 10 GB, which is the most that Lambda gives a function, of memory and of `/tmp`.
    private static let sizes = 1_048_576...10_737_418_240
    /// 1 KB to 6 MB, the largest response that Lambda sends in one piece. A longer one is never an answer in text, and
    /// each request that is recorded may hold as much memory.
    private static let entrySizes = 1024...6_291_456
    /// In bytes.
    private static let longestNamespace = 256

    /// Nil if the key isn't there, or if its variable is missing.
    private mutating func cache(_ keys: [String]) throws(ConfigurationError) -> Cache? {
        guard let node = node("cache") else { return nil }
        if case .mapping = node.value { return .members(try section(node, "'cache'", keys: keys)) }
        let problem = "must be true, false or a mapping of keys: \(keys.joined(separator: ", "))"
        guard case .scalar = node.value else { throw error("cache", problem) }
        guard let text = try completeText("cache") else { return nil }
        guard let isOn = Bool(text.lowercased()) else { throw error("cache", problem) }
        return .isOn(isOn)
    }

    /// How a server's responses are cached; nil if they aren't.
    /// - Parameter standard: the policy of servers that don't have their own.
    mutating func serverCache(
        over standard: CachePolicy?, in settings: Settings
    ) throws(ConfigurationError) -> CachePolicy? {
        switch try cache(Self.policyKeys + Self.sizeKeys) {
        case nil: return standard
        case .isOn(let isOn): return isOn ? standard ?? CachePolicy() : nil
        case .members(var part):
            for key in Self.sizeKeys where part.node(key) != nil {
                throw part.error(key, "is for all servers together; move it to 'cache' of 'settings'")
            }
            let policy = try part.policy(over: standard ?? CachePolicy(), settings.cacheSizes, settings.store)
            adopt(missing: part.missing)
            return policy
        }
    }

    /// How the responses of servers without a policy of their own are cached; nil if they aren't.
    mutating func sharedCache(
        _ sizes: inout CacheSizes, _ store: StoreLocation
    ) throws(ConfigurationError) -> CachePolicy? {
        switch try cache(Self.policyKeys + Self.sizeKeys) {
        case nil: return nil
        case .isOn(let isOn): return isOn ? CachePolicy() : nil
        case .members(var part):
            sizes.memory = try part.integer("memory_bytes", in: Self.sizes) ?? sizes.memory
            sizes.tmp = try part.integer("tmp_bytes", in: Self.sizes) ?? sizes.tmp
            let policy = try part.policy(over: CachePolicy(), sizes, store)
            adopt(missing: part.missing)
            return policy
        }
    }

    /// Nil if the key isn't there, or if its variable is missing.
    mutating func callerCaching() throws(ConfigurationError) -> CallerCaching? {
        switch try cache(["namespace"]) {
        case nil: return nil
        case .isOn(true): return .asServer
        case .isOn(false): return .off
        case .members(var part):
            guard part.node("namespace") != nil else {
                throw part.error("namespace", "is missing; name one, or write 'cache: false' to switch the cache off")
            }
            let namespace = try part.completeText("namespace")
            adopt(missing: part.missing)
            guard let namespace else { return nil }
            guard (1...Self.longestNamespace).contains(namespace.utf8.count),
                !namespace.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else {
                throw part.error(
                    "namespace", "must be 1 to \(Self.longestNamespace) bytes without control characters")
            }
            return .namespace(namespace)
        }
    }
}

extension Section {
    /// The policy, with the members that are given here in place of its own.
    private mutating func policy(
        over standard: CachePolicy, _ sizes: CacheSizes, _ store: StoreLocation
    ) throws(ConfigurationError) -> CachePolicy {
        var policy = standard
        if let ttl = try milliseconds("ttl", from: 1, to: 31_536_000) { policy.ttl = (ttl + 500) / 1000 }
        policy.maxEntryBytes = try integer("max_entry_bytes", in: Self.entrySizes) ?? policy.maxEntryBytes
        policy.isShared = try bool("shared") ?? policy.isShared
        policy.onlyDeterministic = try bool("only_deterministic") ?? policy.onlyDeterministic
        policy.layers = try layers("layers") ?? policy.layers
        policy.replaysAtOriginalPace =
            try word("replay_pace", of: ["full": false, "original": true]) ?? policy.replaysAtOriginalPace
        // What is missing may be what would make it right.
        if missing.isEmpty { try check(policy, sizes, store) }
        return policy
    }

    /// From the fastest to the slowest, in whichever order they are written. Nil if none is given, or if the variables
    /// of all are missing.
    private mutating func layers(_ key: String) throws(ConfigurationError) -> [CacheLayerName]? {
        let names = CacheLayerName.allCases.map(\.rawValue)
        guard try list(key)?.isEmpty != true else {
            throw error(key, "is empty; list some of \(names.joined(separator: ", ")), or write 'cache: false'")
        }
        var layers: Set<CacheLayerName> = []
        for element in try elements(key) ?? [] {
            guard let layer = CacheLayerName(rawValue: element.text) else {
                let hint = NearestName.hint(element.text, among: names)
                throw error(key, "has an unknown layer '\(element.text)'; \(hint)", line: element.line)
            }
            guard layers.insert(layer).inserted else {
                throw error(key, "has '\(element.text)' twice; remove one", line: element.line)
            }
        }
        return layers.isEmpty ? nil : CacheLayerName.allCases.filter(layers.contains)
    }

    /// Refuses a layer without its table, and entries that don't fit into a layer.
    private func check(
        _ policy: CachePolicy, _ sizes: CacheSizes, _ store: StoreLocation
    ) throws(ConfigurationError) {
        if policy.layers.contains(.dynamoDB), store == .memory {
            throw error(
                "layers", "has 'dynamodb', which needs a table; add 'store: {dynamodb: {table: …}}' to 'settings'")
        }
        let bounded: [(CacheLayerName, String, Int)] = [
            (.memory, "memory_bytes", sizes.memory), (.tmp, "tmp_bytes", sizes.tmp),
        ]
        for (layer, key, size) in bounded where policy.layers.contains(layer) && policy.maxEntryBytes > size {
            // The policy that this one is based on fits, so one of these is given here.
            let cause = ["max_entry_bytes", key, "layers"].first { node($0) != nil } ?? "max_entry_bytes"
            throw error(
                cause,
                "leaves no room for the longest response: 'max_entry_bytes' is \(policy.maxEntryBytes), but "
                    + "'\(key)' is \(size); lower the first or raise the second")
        }
    }
}
