/// Who calls, as far as the key tells.
enum Caller: Equatable {
    case anonymous
    /// Indirect: a key has much to copy, and is handed on and on.
    indirect case client(VirtualKey)
    /// Someone who has the token of these servers itself.
    case owner(of: Set<String>)

    /// For the log and the counters.
    var id: String {
        switch self {
        case .anonymous: "anonymous"
        case .client(let key): key.id
        case .owner: "owner"
        }
    }

    /// Nil for someone who has no key of the table's.
    var key: VirtualKey? {
        guard case .client(let key) = self else { return nil }
        return key
    }

    /// Whether anything is counted for this caller alone.
    var isLimited: Bool {
        guard case .client(let key) = self else { return false }
        return !key.quotaSet.isUnlimited || !key.serverQuotaSets.isEmpty
    }

    func mayUse(_ server: Server) -> Bool {
        switch self {
        case .anonymous: true
        case .client(let key): key.mayUse(server)
        case .owner(let servers): servers.contains(server.name)
        }
    }

    /// Whether tokens or costs are limited there.
    func countsUsage(at server: Server) -> Bool {
        server.quotaSet.countsUsage || key?.countsUsage(at: server.name) == true
    }

    /// Whether costs are limited there.
    func countsCost(at server: Server) -> Bool {
        server.quotaSet.countsCost || key?.countsCost(at: server.name) == true
    }

    /// What to say of a server that may not be used.
    func refusal(of server: Server) -> ProxyError {
        key.map { .serverNotAllowed(server.name, key: $0.id) } ?? .keyOfAnotherServer(server.name)
    }
}
