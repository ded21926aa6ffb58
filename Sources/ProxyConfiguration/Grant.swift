import Proxy

/// What some callers may use, and how much of it: those with one key, or the users of an issuer to whom one plan
/// applies, or none.
struct Grant {
    let permissions: Permissions
    let limits: CallerLimits

    /// Whether tokens or costs at a server are limited.
    func countsUsage(at server: Server) -> Bool {
        permissions.mayUse(server) && limits.countsUsage(at: server.name)
    }
}

extension VirtualKey {
    var grants: [Grant] { [Grant(permissions: permissions, limits: limits)] }
}

extension TokenIssuer {
    /// For each plan, and for users without one: what each user may use, and what all of them together.
    var grants: [Grant] {
        let uses = [(permissions, userLimits)] + plans.map { ($0.permissions, $0.limits) }
        return uses.flatMap { [Grant(permissions: $0, limits: $1), Grant(permissions: $0, limits: limits)] }
    }
}

extension Settings {
    var grants: [Grant] { virtualKeys.flatMap(\.grants) + tokenIssuers.flatMap(\.grants) + frontDoors.grants }
}

extension [Grant] {
    /// Warns of servers where some of the limits don't apply, because the usage there isn't known.
    /// - Parameter holder: who has the limits: "the virtual key 'x'".
    func uncounted(_ holder: String, at servers: [ServerEntry]) -> [String] {
        let kinds: [(Measure, String, (ServerEntry) -> Bool)] = [
            (.tokens, "reverse proxies", { $0.server.isReverseProxy }),
            (.tokens, "servers with 'endpoints'", { !$0.server.endpoints.isEmpty }),
            (.cost, "servers with 'endpoints'", { !$0.server.endpoints.isEmpty }),
            (.cost, "servers without prices", { !$0.section.hasPrices }),
            (
                .cost, "servers with prices for some models only",
                { $0.section.hasPrices && $0.section.node("input_cost_per_token") == nil }
            ),
        ]
        return kinds.compactMap { measure, kind, isOfKind in
            let places = servers.filter { isOfKind($0) && limits(measure, at: $0.server) }
            guard !places.isEmpty else { return nil }
            let names = places.map(\.server.name).joined(separator: ", ")
            return "limits on \(measure) of \(holder) aren't enforced at \(kind): \(names)"
        }
    }

    /// Whether a measure is limited for all servers together, of which this one may be used.
    private func limits(_ measure: Measure, at server: Server) -> Bool {
        contains { grant in
            grant.permissions.mayUse(server) && grant.limits.quotaSet.quotas.contains { $0.measure == measure }
        }
    }
}
