/// What must be true of limits and of what is counted, when nothing happens any more.
extension Life {
    func checkCounters() {
        for scope in allScopes {
            checkSent(scope)
            guard table.usesDynamoDB, hasOneClock else { continue }
            for counter in counters(of: scope) {
                checkRequests(counter)
                checkUsage(counter)
            }
        }
        checkLeases()
    }

    /// All scopes that have limits.
    var allScopes: [ScopePlan] {
        var all: [ScopePlan] = []
        for server in table.servers { all.append(ScopePlan(text: "server/\(server.name)", quotas: server.quotas)) }
        for key in table.keys {
            all.append(ScopePlan(text: "key/\(key.id)", quotas: key.quotas))
            guard let own = key.serverQuotas else { continue }
            all.append(ScopePlan(text: "key-at/s\(own.server)/\(key.id)", quotas: own.quotas))
        }
        if let users = table.users {
            all.append(ScopePlan(text: Self.issuerScope, quotas: users.sharedQuotas))
            for token in SimulatedIssuer.tokens where token.isValid {
                all.append(ScopePlan(text: Self.scope(of: token), quotas: users.quotas))
            }
        }
        if let gateway = table.gateway {
            for key in GatewayPlan.keys.indices {
                all.append(ScopePlan(text: Self.gatewayScope(key), quotas: gateway.quotas))
            }
        }
        return all.filter { !$0.quotas.isEmpty }
    }

    /// Whether all clocks show the true time, so that everybody is in the same period.
    var hasOneClock: Bool { plan.storeFaults.skew == 0 && plan.skews.allSatisfy { $0 == 0 } }

    /// The counters of a scope in the store.
    private func counters(of scope: ScopePlan) -> [CounterView] {
        let prefix = scope.text + "#"
        return store.table.itemIDs.filter { $0.hasPrefix(prefix) && !$0.hasSuffix("#open") }.map { item in
            CounterView(item, scope, visits.compactMap { $0 }.filter { reaches(scope, $0) })
        }
    }

    /// Whether a request may be counted in a scope.
    private func reaches(_ scope: ScopePlan, _ visit: Visit) -> Bool {
        guard ![.me, .health].contains(visit.plan.target) else { return false }
        return servers(for: visit.plan).contains { server in
            scopes(of: visit.plan, at: server).contains { $0.text == scope.text }
        }
    }

    /// Whether a process may have ended before it had counted what a request has used.
    func mayBeUncounted(_ visit: Visit) -> Bool {
        guard let recorded = visit.recorded else { return visit.handedOver != nil }
        return exits[visit.process].map { $0 < recorded + 5000 } ?? false
    }

    // MARK: Limits

    /// In no period more requests are sent than the limit allows.
    private func checkSent(_ scope: ScopePlan) {
        guard limitsHold, hasOneClock else { return }
        let periods = [(60_000, "minute", scope.quotas.rpm), (86_400_000, "day", scope.quotas.requestsPerDay)]
        for (length, name, most) in periods {
            guard let most else { continue }
            for requests in sent(scope, in: Int64(length), onlyWithWork: name == "day") where requests > most {
                report(.requestLimits, "\(scope.text) has a limit of \(most) in a \(name); \(requests) were sent")
            }
        }
    }

    /// How many requests were surely let in and sent within each period. Without a shared store each process counts for
    /// itself, so the counts are those of each process.
    private func sent(_ scope: ScopePlan, in length: Int64, onlyWithWork: Bool) -> [Int] {
        var periods: [(start: Int64, process: Int, requests: Set<Int>)] = []
        for call in calls where call.isModelCall {
            guard let visit = visit(of: call), let handedOver = visit.handedOver,
                scopes(of: visit.plan, at: call.server).contains(where: { $0.text == scope.text })
            else { continue }
            let start = call.opened - call.opened % length
            guard handedOver >= start, !onlyWithWork || call.isGood else { continue }
            let process = table.usesDynamoDB ? 0 : call.process
            if let place = periods.firstIndex(where: { $0.start == start && $0.process == process }) {
                periods[place].requests.insert(visit.plan.number)
            } else {
                periods.append((start, process, [visit.plan.number]))
            }
        }
        return periods.map(\.requests.count)
    }

    // MARK: Leases

    /// A lease stays only if the record of its request says that the store has failed, or if its process has ended.
    private func checkLeases() {
        for item in store.table.itemIDs where item.hasSuffix("#open") {
            for lease in store.table.texts("leases", of: item) ?? [] {
                guard let id = lease.split(separator: ":").last, let visit = visit(String(id)), !mayBeUncounted(visit),
                    !visit.saysUncounted
                else { continue }
                report(.nothingLeft, "\(item) still has the lease of \(visit.id), which has ended")
            }
        }
    }
}

/// A counter in the store, and the requests that it may count.
struct CounterView {
    let item: String
    let scope: ScopePlan
    let visits: [Visit]
    let isDay: Bool
    /// In milliseconds since 1970.
    let period: Range<Int64>

    init(_ item: String, _ scope: ScopePlan, _ visits: [Visit]) {
        (self.item, self.scope, self.visits) = (item, scope, visits)
        let parts = item.split(separator: "#")
        isDay = parts[1] == "day"
        let start = (Int64(parts[2]) ?? 0) * 1000
        period = start..<(start + (isDay ? 86_400_000 : 60_000))
    }
}

extension Visit {
    /// Whether its record, or the line behind it, tells of something that couldn't be counted.
    var saysUncounted: Bool { records.contains { $0.storeFailures > 0 } }
}
