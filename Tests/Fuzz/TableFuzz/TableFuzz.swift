import Transport

@testable import Proxy
@testable import ProxyConfiguration

/// A table either loads or is refused with one of its lines. If it loads, a path can name each server, a request can be
/// sent to it, its fallbacks form no cycle, its responses fit into the layers of its cache, and keys are distinct and
/// have only limits that can be counted. A token issuer has keys that fit its algorithms, and, if it publishes them, says
/// who its tokens are for. A comment above the table moves the line of an error down by one, and doesn't change what
/// loads.
enum TableFuzz: FuzzTarget {
    private static let environment = ["SET": "sk-0123456789abcdef", "URL": "https://set.example/v1", "EMPTY": ""]

    static func check(_ input: [UInt8]) {
        let result = load(input)
        switch result {
        case .success(let loaded):
            loaded.table.servers.forEach(check)
            checkFallbacks(loaded.table.servers)
            checkKeys(loaded.table)
            checkIssuers(loaded.table)
            checkCaches(loaded.table)
        case .failure(let error):
            // Any byte of a line break, in any encoding of libyaml, which counts the end as a line of its own.
            let breaks: Set<UInt8> = [0x0A, 0x0D, 0x85, 0xA8, 0xA9, 0x28, 0x29]
            let lines = 2 + input.count { breaks.contains($0) }
            require(error.line.map { (1...lines).contains($0) } ?? true, "there is no such line: \(error)")
        }
        // A byte order mark must stay at the beginning.
        guard let first = input.first, first < 0xEF else { return }
        compare(result, load(Array("#\n".utf8) + input))
    }

    private static func load(_ text: [UInt8]) -> Result<LoadedTable, ConfigurationError> {
        Result { () throws(ConfigurationError) in
            try LoadedTable(parsing: text, file: "table.yaml", environment: environment)
        }
    }

    private static func check(_ server: Server) {
        let path = "/" + server.name.utf8.map { "%" + ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined()
        let segments = (try? RequestTarget(path: path, query: ""))?.segments.map(\.decoded)
        require(segments == [server.name], "no path leads to the server \(server.name.debugDescription)")
        require(!server.urls.isEmpty, "a server without a URL")
        require(server.urls.allSatisfy { $0.weight > 0 }, "a URL without weight")
        for url in server.urls where server.missingVariables.isEmpty {
            let isHTTP = url.text.hasPrefix("http://") || url.text.hasPrefix("https://")
            let isPlain = url.text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            require(isHTTP && isPlain && !url.text.contains { "?#".contains($0) }, "can't be called: \(url.text)")
        }
        let limits = server.limits
        for limit in [limits.total, limits.connect, limits.firstByte, limits.idle, limits.silence] {
            require((1...86_400_000).contains(limit ?? 1), "a limit of \(limit ?? 0) ms")
        }
    }

    private static func checkFallbacks(_ servers: [Server]) {
        let all = Set(servers.map(\.name))
        require(all.isSuperset(of: servers.flatMap(\.fallbacks)), "a fallback that is no server")
        // Every path ends in fewer steps than there are servers, or it is a cycle.
        var reached = all
        for _ in servers { reached = Set(servers.filter { reached.contains($0.name) }.flatMap(\.fallbacks)) }
        require(reached.isEmpty, "fallbacks lead round in a circle")
    }

    private static func checkKeys(_ table: ServerTable) {
        let keys = table.settings.virtualKeys
        require(Set(keys.map(\.id)).count == keys.count, "two keys have one id")
        for key in keys { check(key.permissions, key.limits, in: table) }
        for server in table.servers {
            check(server.quotaSet)
            guard server.isReverseProxy else { continue }
            let isCounted = server.quotaSet.quotas.contains { $0.measure != .requests }
            require(!isCounted && !server.asksForUsage && server.prices.isEmpty, "a reverse proxy that is read")
        }
    }

    /// What a caller may use.
    static func check(_ permissions: Permissions, _ limits: CallerLimits, in table: ServerTable) {
        let servers = Set(table.servers.map(\.name))
        require(permissions.allowedServers?.isEmpty != true, "a caller who may use nothing")
        require(servers.isSuperset(of: permissions.allowedServers ?? []), "a caller of a server that isn't there")
        require(servers.isSuperset(of: limits.serverQuotaSets.keys), "a limit for a server that isn't there")
        ([limits.quotaSet] + limits.serverQuotaSets.values).forEach(check)
    }

    private static func check(_ quotaSet: QuotaSet) {
        require(quotaSet.quotas.allSatisfy { $0.amount >= 1 }, "a quota below 1")
        require((1...1000).contains(quotaSet.parallel ?? 1), "no request may be open")
        let budgets = quotaSet.quotas.count { $0.measure == .cost }
        require(budgets <= 1, "\(budgets) budgets")
    }

    private static func checkCaches(_ table: ServerTable) {
        let sizes = table.settings.cacheSizes
        for server in table.servers {
            guard let cache = server.cache else { continue }
            require(!server.isReverseProxy, "a reverse proxy with a cache")
            require((1...31_536_000).contains(cache.ttl), "a time to live of \(cache.ttl) s")
            let ordered = CacheLayerName.allCases.filter(cache.layers.contains)
            require(!ordered.isEmpty && ordered == cache.layers, "layers that are no ordered set: \(cache.layers)")
            guard server.missingVariables.isEmpty else { continue }
            let layers = Set(cache.layers)
            require(!layers.contains(.memory) || cache.maxEntryBytes <= sizes.memory, "no room in memory")
            require(!layers.contains(.tmp) || cache.maxEntryBytes <= sizes.tmp, "no room in /tmp")
            require(!layers.contains(.dynamoDB) || table.settings.store != .memory, "a layer without its table")
        }
        let issuers = table.settings.tokenIssuers.flatMap { [$0.permissions] + $0.plans.map(\.permissions) }
        for permissions in table.settings.virtualKeys.map(\.permissions) + issuers {
            guard case .namespace(let name) = permissions.caching else { continue }
            require((1...256).contains(name.utf8.count), "a namespace of \(name.utf8.count) bytes")
        }
    }

    private static func compare(
        _ one: Result<LoadedTable, ConfigurationError>, _ below: Result<LoadedTable, ConfigurationError>
    ) {
        switch (one, below) {
        case (.success(let one), .success(let other)):
            require(one.table == other.table && one.warnings == other.warnings, "a comment above changes the table")
        case (.failure(let one), .failure(let other)):
            require(one.line.map { $0 + 1 } == other.line, "a comment above doesn't move the line by one: \(other)")
        default: require(false, "a comment above decides whether a table loads: \(one), \(below)")
        }
    }
}
