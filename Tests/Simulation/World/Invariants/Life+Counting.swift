/// What must be true of limits and of what is counted, when nothing happens any more.
extension Life {
    func checkCounters() {
        let scopes = allScopes
        for (scope, holders) in scopes {
            checkRequests(scope, holders)
            checkUsage(scope, holders)
        }
        guard !store.hasFailed, exits.isEmpty else { return }
        for id in store.table.itemIDs where id.hasSuffix("#open") {
            let leases = store.table.texts("leases", of: id) ?? []
            if !leases.isEmpty { report(.nothingLeft, "\(id) still has leases: \(leases)") }
        }
    }

    /// Each scope with limits, and the requests that count there with the servers that they were sent to.
    private var allScopes: [(scope: ScopePlan, calls: [ServerCall])] {
        var all: [(scope: ScopePlan, calls: [ServerCall])] = []
        for call in calls where call.isModelCall {
            guard let visit = visit(of: call) else { continue }
            for scope in scopes(of: visit.plan, at: call.server) {
                if let place = all.firstIndex(where: { $0.scope.text == scope.text }) {
                    all[place].calls.append(call)
                } else {
                    all.append((scope, [call]))
                }
            }
        }
        return all
    }

    /// Whether all clocks show the true time, so that everybody is in the same period.
    private var hasOneClock: Bool { plan.storeFaults.skew == 0 && plan.skews.allSatisfy { $0 == 0 } }

    // MARK: Requests

    /// In no period more requests are sent than the limit allows, and each of them is counted.
    private func checkRequests(_ scope: ScopePlan, _ calls: [ServerCall]) {
        guard limitsHold, hasOneClock else { return }
        let periods = [(60_000, "minute", scope.quotas.rpm), (86_400_000, "day", scope.quotas.requestsPerDay)]
        for (length, name, most) in periods {
            guard let most else { continue }
            for (start, requests) in sent(calls, in: Int64(length), onlyWithWork: name == "day") {
                if requests > most {
                    report(.requestLimits, "\(scope.text) has a limit of \(most) in a \(name); \(requests) were sent")
                }
                guard table.usesDynamoDB else { continue }
                let counted = store.table.number("requests", of: "\(scope.text)#\(name)#\(start / 1000)") ?? 0
                if counted < requests {
                    report(
                        .consent, "\(requests) requests of \(scope.text) were sent in a \(name); \(counted) are counted"
                    )
                }
            }
        }
    }

    /// How many requests were surely let in and sent within each period, in milliseconds since 1970. Without a shared
    /// store each process counts for itself, so that the largest count of one process is given.
    private func sent(_ calls: [ServerCall], in length: Int64, onlyWithWork: Bool) -> [(start: Int64, requests: Int)] {
        var periods: [(start: Int64, process: Int, requests: Set<Int>)] = []
        for call in calls {
            guard let visit = visit(of: call), let handedOver = visit.handedOver else { continue }
            let start = call.opened - call.opened % length
            guard handedOver >= start, !onlyWithWork || call.isGood else { continue }
            let process = table.usesDynamoDB ? 0 : call.process
            if let place = periods.firstIndex(where: { $0.start == start && $0.process == process }) {
                periods[place].requests.insert(visit.plan.number)
            } else {
                periods.append((start, process, [visit.plan.number]))
            }
        }
        return periods.map { ($0.start, $0.requests.count) }
    }

    // MARK: Usage

    /// What is charged is what the records say, except for what the store has lost.
    private func checkUsage(_ scope: ScopePlan, _ calls: [ServerCall]) {
        guard table.usesDynamoDB, scope.quotas.countsTokens, exits.isEmpty else { return }
        var said = 0
        for number in Set(calls.compactMap(\.request)) {
            guard let visit = visits[number], let record = visit.records.first(where: { !$0.isAboutUncounted }) else {
                continue
            }
            // The usage may be that of an earlier server than the one that the record names.
            let isOfServer = scope.text.hasPrefix("server/") || scope.text.hasPrefix("key-at/")
            if isOfServer, Set(visit.calls.map { self.calls[$0].server }).count > 1 { return }
            said += (record.input ?? 0) + (record.output ?? 0)
        }
        let prefix = scope.text + "#"
        let charged = store.table.itemIDs.filter { $0.hasPrefix(prefix) && !$0.hasSuffix("#open") }
        let periods = [
            ("minute", scope.quotas.tpm != nil),
            ("day", scope.quotas.tokensPerDay != nil || scope.quotas.budget != nil),
        ]
        for (name, counts) in periods where counts {
            let tokens = charged.filter { $0.hasPrefix("\(prefix)\(name)#") }
                .reduce(0) { $0 + (store.table.number("tokens", of: $1) ?? 0) }
            if !store.hasFailed, tokens != said {
                report(.usage, "\(scope.text) is charged \(tokens) tokens in a \(name); the records say \(said)")
            }
            if tokens < said, !saysUncounted {
                report(
                    .usage, "\(scope.text) is charged \(tokens) of \(said) tokens in a \(name), and no record says so")
            }
        }
    }

    /// Whether some record tells of usage that couldn't be counted.
    private var saysUncounted: Bool {
        visits.contains { $0?.records.contains { $0.storeFailures > 0 } == true }
    }
}
