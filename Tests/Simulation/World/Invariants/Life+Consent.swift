/// What the store must have said before a request is sent.
extension Life {
    /// The first time that a request is sent where it counts, each counter there has let it in. Not which request a
    /// permit was for is known, but when its process heard of it.
    func checkPermits(_ scope: ScopePlan, _ call: ServerCall, _ visit: Visit, behind earlier: [ServerCall]) {
        guard limitsHold, table.usesDynamoDB, call.isModelCall, let handedOver = visit.handedOver else { return }
        let isFirst = !earlier.contains { other in
            scopes(of: visit.plan, at: other.server).contains { $0.text == scope.text }
        }
        guard isFirst else { return }
        let quotas = scope.quotas
        if quotas.rpm != nil || quotas.tpm != nil { usePermit("\(scope.text)#minute#", call, visit, since: handedOver) }
        if quotas.requestsPerDay != nil || quotas.tokensPerDay != nil || quotas.budget != nil {
            usePermit("\(scope.text)#day#", call, visit, since: handedOver)
        }
    }

    /// Uses the oldest permit that may be the request's own, which leaves the newer ones to later requests. Any request
    /// may use those that were taken in advance.
    private func usePermit(_ counter: String, _ call: ServerCall, _ visit: Visit, since handedOver: Int64) {
        let permits = store.calls.filter {
            $0.permits > 0 && $0.process == call.process && $0.heard != nil && $0.item.hasPrefix(counter)
        }
        let own = permits.first { $0.requests == 1 && $0.heard ?? 0 >= handedOver }
        guard let permit = own ?? permits.first(where: { $0.requests > 1 }) else {
            return report(.consent, "\(visit.id) is sent to s\(call.server), although \(counter) hasn't let it in")
        }
        permit.permits -= 1
    }

    /// The lease of a server that has failed is closed before a fallback is asked.
    func checkLeft(_ call: ServerCall, _ visit: Visit) {
        guard table.usesDynamoDB, !store.hasFailed else { return }
        for server in table.servers where server.number != call.server {
            for scope in scopes(of: visit.plan, at: server.number) where scope.server != nil {
                let leases = store.table.texts("leases", of: "\(scope.text)#open") ?? []
                guard leases.contains(where: { $0.hasSuffix(":\(visit.id)") }) else { continue }
                report(.nothingLeft, "\(visit.id) is sent to s\(call.server), and still has a lease of \(scope.text)")
            }
        }
    }
}
