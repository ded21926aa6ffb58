/// A key that the owner gives out to a client, and what may be done with it.
package struct VirtualKey: Sendable, Equatable {
    /// Stands for the key in logs, errors and counters: public, and of no use to whoever reads it.
    package var id: String
    /// What the owner calls it.
    package var name: String
    package var digest: KeyDigest
    /// From then on it opens nothing. In seconds since 1970.
    package var expires: Int64?
    /// The names of the servers that it opens; nil for all.
    package var allowedServers: Set<String>?
    /// The models that may be asked; nil for all, and whatever isn't listed is refused.
    package var allowedModels: [ModelPattern]?
    /// The tools of providers that may be used, though models, tokens or costs are limited.
    package var allowedTools: [ModelPattern] = []
    /// Whether a request may name what a provider has stored, though models, tokens or costs are limited.
    package var allowsStoredData = false
    /// What may be done with it at all servers together.
    package var quotaSet = QuotaSet()
    /// What may be done with it at one server, by the server's name.
    package var serverQuotaSets: [String: QuotaSet] = [:]
    /// The owner's own notes, which stand in each record of a request.
    package var metadata: [String: String] = [:]

    package func mayUse(_ server: Server) -> Bool { allowedServers?.contains(server.name) ?? true }

    /// Whether its tokens or costs at a server are limited.
    package func countsUsage(at server: String) -> Bool {
        quotaSet.countsUsage || serverQuotaSets[server]?.countsUsage == true
    }

    /// Whether costs are limited there.
    package func countsCost(at server: String) -> Bool {
        quotaSet.countsCost || serverQuotaSets[server]?.countsCost == true
    }

    package init(id: String? = nil, name: String, digest: KeyDigest) {
        self.id = id ?? name
        self.name = name
        self.digest = digest
    }
}

extension VirtualKey {
    /// Whether CloudWatch takes an id as the value of a dimension; if not, it takes none of the line's metrics.
    package static func isDimension(_ id: String) -> Bool {
        id.utf8.allSatisfy { (0x20...0x7E).contains($0) } && id.utf8.contains { $0 != 0x20 }
    }
}
