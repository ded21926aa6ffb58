/// What a caller may use: a key, or the users of a token issuer.
package struct Permissions: Sendable, Equatable {
    /// The names of the servers that it may use; nil for all.
    package var allowedServers: Set<String>?
    /// The models that it may use; nil for all.
    package var allowedModels: [ModelPattern]?
    /// The providers' tools that it may use even if its models, tokens or costs are limited.
    package var allowedTools: [ModelPattern] = []
    /// Whether a request may refer to stored data even if its models, tokens or costs are limited.
    package var allowsStoredData = false
    package var caching = CallerCaching.asServer

    package init() {}

    package func mayUse(_ server: Server) -> Bool { allowedServers?.contains(server.name) ?? true }
}

/// What a caller, or all users of a token issuer together, may use up.
package struct CallerLimits: Sendable, Equatable {
    /// The quotas for all servers together.
    package var quotaSet = QuotaSet()
    /// The quotas at single servers, by the server's name.
    package var serverQuotaSets: [String: QuotaSet] = [:]

    package init() {}

    package var isUnlimited: Bool { quotaSet.isUnlimited && serverQuotaSets.isEmpty }

    /// Whether tokens or costs at a server are limited.
    package func countsUsage(at server: String) -> Bool {
        quotaSet.countsUsage || serverQuotaSets[server]?.countsUsage == true
    }

    /// Whether costs at a server are limited.
    package func countsCost(at server: String) -> Bool {
        quotaSet.countsCost || serverQuotaSets[server]?.countsCost == true
    }
}
