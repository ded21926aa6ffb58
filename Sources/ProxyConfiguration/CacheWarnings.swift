import Proxy

extension ServerTable {
    /// Warns of callers who get each other's responses, and of namespaces that nothing uses.
    var cacheWarnings: [String] {
        sharedCaches
            + settings.virtualKeys.flatMap { key in
                unusedNamespace(of: "the virtual key '\(key.name)'", "this key", key.grants).map { [$0] } ?? []
            }
            + settings.tokenIssuers.flatMap(warnings)
    }

    private var sharedCaches: [String] {
        let open = servers.filter { server in
            guard server.cache?.isShared == true else { return false }
            func isSharing(_ grant: Grant) -> Bool {
                grant.permissions.caching == .asServer && grant.permissions.mayUse(server)
            }
            let sharing = settings.virtualKeys.count { $0.grants.contains(where: isSharing) }
            // An issuer has many users.
            return settings.tokenIssuers.contains { $0.grants.contains(where: isSharing) }
                || sharing + (settings.allowAnonymous ? 1 : 0) > 1
        }
        return open.map { server in
            "the cache of the server '\(server.name)' is shared: all callers that may use the server get each other's "
                + "responses; remove 'shared', or give keys that belong together the same 'namespace'"
        }
    }

    private func warnings(_ issuer: TokenIssuer) -> [String] {
        let holder = "the token issuer '\(issuer.name)'"
        if let unused = unusedNamespace(of: holder, "its users", issuer.grants) { return [unused] }
        guard issuer.grants.contains(where: \.hasNamespace) else { return [] }
        return [
            "the 'namespace' of \(holder) is shared: its users get each other's responses; remove it if these aren't "
                + "for everybody"
        ]
    }

    /// - Parameter callers: those who have the namespace.
    private func unusedNamespace(of holder: String, _ callers: String, _ grants: [Grant]) -> String? {
        let named = grants.filter(\.hasNamespace)
        guard !named.isEmpty,
            !servers.contains(where: { server in
                server.cache != nil && named.contains { $0.permissions.mayUse(server) }
            })
        else { return nil }
        return
            "the 'namespace' of \(holder) isn't used: no server that \(callers) may use has a cache; add 'cache: true' "
            + "to one"
    }
}

extension Grant {
    fileprivate var hasNamespace: Bool {
        if case .namespace = permissions.caching { true } else { false }
    }
}
