import Proxy

extension ServerEntry {
    /// The server, which asks for the usage of streams if the owner says so, or says nothing and something is counted
    /// by it.
    func completed(for keys: [VirtualKey]) -> Server {
        var server = server
        guard !server.isReverseProxy else { return server }
        let name = server.name
        let isCounted =
            !server.prices.isEmpty || server.quotaSet.countsUsage
            || keys.contains { $0.mayUse(server) && $0.countsUsage(at: name) }
        server.asksForUsage = asksForUsage ?? isCounted
        return server
    }
}
