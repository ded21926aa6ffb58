/// Where requests are counted together.
struct ScopePlan {
    /// As in the store.
    let text: String
    let quotas: QuotaPlan

    /// The server that it covers; nil for all.
    var server: Int? {
        guard text.hasPrefix("server/") || text.hasPrefix("key-at/") else { return nil }
        return Int(text.split(separator: "/")[1].dropFirst())
    }
}

extension Life {
    /// The scopes that limit a request at a server.
    func scopes(of plan: RequestPlan, at server: Int) -> [ScopePlan] {
        var scopes: [ScopePlan] = []
        func add(_ text: String, _ quotas: QuotaPlan) {
            if !quotas.isEmpty { scopes.append(ScopePlan(text: text, quotas: quotas)) }
        }
        add("server/s\(server)", table.servers[server].quotas)
        if let (token, users) = user(of: plan) {
            add(Self.issuerScope, users.sharedQuotas)
            add(Self.scope(of: token), users.quotas)
        }
        if case .gateway(let number) = plan.key, let gateway = table.gateway {
            add(Self.gatewayScope(number), gateway.quotas)
        }
        guard case .virtual(let number) = plan.key else { return scopes }
        let key = table.keys[number]
        add("key/\(key.id)", key.quotas)
        if let own = key.serverQuotas, own.server == server { add("key-at/s\(server)/\(key.id)", own.quotas) }
        return scopes
    }

    /// Of all users together.
    static let issuerScope = "issuer/\(SimulatedIssuer.url)"

    static func scope(of user: IssuedToken) -> String { "user/\(SimulatedIssuer.url)/\(user.counterID)" }

    /// Of a caller with a key of API Gateway.
    static func gatewayScope(_ number: Int) -> String { "user/api-gateway/\(GatewayPlan.keys[number])" }

    /// The user who sends a request, if its token is good.
    func user(of plan: RequestPlan) -> (token: IssuedToken, users: UsersPlan)? {
        guard case .user(let number) = plan.key, let users = table.users else { return nil }
        let token = SimulatedIssuer.tokens[number]
        return token.isValid ? (token, users) : nil
    }

    /// Whether a limit must hold whatever happens: requests may pass uncounted if the store fails.
    var limitsHold: Bool { table.denies || !table.usesDynamoDB || !store.hasFailed }

    func checkOpen(_ scope: ScopePlan, _ call: ServerCall, _ visit: Visit) {
        guard let most = scope.quotas.parallel, limitsHold else { return }
        if table.usesDynamoDB {
            let leases = store.table.texts("leases", of: "\(scope.text)#open") ?? []
            if !leases.contains(where: { $0.hasSuffix(":\(visit.id)") }) {
                report(.consent, "\(visit.id) is sent to s\(call.server) without a lease of \(scope.text)")
            }
        }
        var open: Set<Int> = [visit.plan.number]
        for other in calls where !other.exchange.isRead {
            // Without a shared store, each process counts for itself.
            guard table.usesDynamoDB || other.process == call.process, let otherVisit = self.visit(of: other),
                scopes(of: otherVisit.plan, at: other.server).contains(where: { $0.text == scope.text })
            else { continue }
            open.insert(otherVisit.plan.number)
        }
        if open.count > most { report(.openLimits, "\(open.count) requests of \(scope.text) are open, of \(most)") }
    }
}

extension ServerPlan {
    /// Whether a caller's key opens the server.
    func isOpen(to plan: RequestPlan, _ table: TablePlan) -> Bool {
        switch plan.key {
        case .none, .wrong: table.isAnonymous || plan.door == .direct && plan.key == .none
        case .token(let server): hasToken && table.servers[server].hasToken && server == number || table.isAnonymous
        case .virtual(let key):
            table.isAnonymous
                || !table.keys[key].hasExpired && table.keys[key].allowedServers?.contains(number) != false
        case .user(let token):
            SimulatedIssuer.tokens[token].isValid && table.users?.allowedServers?.contains(number) != false
        case .gateway: table.gateway?.allowedServers?.contains(number) != false
        }
    }
}
