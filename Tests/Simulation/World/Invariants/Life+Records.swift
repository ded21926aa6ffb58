/// What the record and the headers of an answer must say.
extension Life {
    func checkRecord(of visit: Visit, _ answer: CallerAnswer) {
        let records = visit.records.filter { !$0.isAboutUncounted }
        guard records.count == 1, let record = records.first else {
            // A process that ends doesn't wait for what comes after the answer.
            guard records.isEmpty, wasEnded(visit, answer) || visit.plan.eventFault == .nonsense else {
                return report(.counted, "\(visit.id) has \(records.count) records")
            }
            return
        }
        if record.attempts != visit.calls.count {
            report(
                .counted, "the record of \(visit.id) says \(record.attempts) attempts; there were \(visit.calls.count)")
        }
        if answer.ending == .partial, record.errorType == nil {
            report(.counted, "the record of \(visit.id) tells no error, although the answer isn't complete")
        }
    }

    func checkCounts(_ visit: Visit, _ view: AnswerView) {
        if view["x-proxy-request-id"] != visit.id {
            report(.counted, "the answer to \(visit.id) is for '\(view["x-proxy-request-id"] ?? "")'")
        }
        guard let text = view["x-proxy-attempts"] else {
            // A stream may have begun before the first attempt.
            if !visit.calls.isEmpty, !visit.plan.getsStream, view["cache-status"] == nil {
                report(.counted, "the answer to \(visit.id) doesn't say how many attempts there were")
            }
            return
        }
        // A stream that began early has only those until then.
        let isEarly = visit.plan.getsStream && view.status == 200
        let count = Int(text) ?? -1
        if count > visit.calls.count || !isEarly && count != visit.calls.count {
            report(.counted, "the answer to \(visit.id) says \(text) attempts; there were \(visit.calls.count)")
        }
    }

    /// Only who isn't known gets 401, and nobody is refused at a limit that can't be reached, or at a server that is only
    /// one of several.
    func checkStatus(_ visit: Visit, _ view: AnswerView) {
        let plan = visit.plan
        if plan.target == .health {
            if view.status != 200 { report(.attempts, "\(visit.id) asks for the health and gets \(view.status ?? 0)") }
            return
        }
        if isUnknown(plan), view.status != 401 {
            report(.consent, "\(visit.id) has no key that opens anything, and gets \(view.status ?? 0)")
        }
        if view.status == 401, visit.calls.isEmpty, isKnown(plan) {
            report(.needlessRefusals, "\(visit.id) is refused, although its key is good")
        }
        if view.status == 429, visit.calls.isEmpty, !mayReachLimit(plan) {
            report(.needlessRefusals, "\(visit.id) is refused, although no limit can have been reached")
        }
        if !plan.choices.isEmpty, view.body.hasText("endpoint_not_open"), mayAskForAll(plan),
            let able = firstServer(for: plan)
        {
            report(.needlessRefusals, "\(visit.id) is refused, although s\(able) has the endpoint")
        }
    }

    /// Whether the caller's key is for all models.
    private func mayAskForAll(_ plan: RequestPlan) -> Bool {
        guard case .virtual(let number) = plan.key else { return true }
        return table.keys[number].allowedModels == nil
    }

    /// Whether a caller's key is good, wherever it is sent.
    private func isKnown(_ plan: RequestPlan) -> Bool {
        switch plan.key {
        case .virtual(let number): !table.keys[number].hasExpired
        case .gateway: table.gateway != nil
        case .none, .wrong, .token, .user: false
        }
    }

    private func isUnknown(_ plan: RequestPlan) -> Bool {
        // Without the issuer's keys nobody knows a user.
        if case .user = plan.key { return false }
        return !table.servers.contains { $0.isOpen(to: plan, table) }
    }

    /// Whether all requests of the life together, or leases of earlier ones, may reach a limit.
    private func mayReachLimit(_ plan: RequestPlan) -> Bool {
        let all = servers(for: plan).flatMap { scopes(of: plan, at: $0) }.map(\.quotas)
        return all.contains { quotas in
            quotas.countsTokens || self.plan.storeFaults.hasOldLeases && quotas.parallel != nil
                || [quotas.rpm, quotas.requestsPerDay, quotas.parallel].contains { $0 ?? .max <= visits.count }
        }
    }

    /// Who asked, which server has answered, at what price, and whether the answer is that to another request.
    /// - Parameter source: the call whose bytes the answer has.
    func checkOrigin(_ source: ServerCall, of visit: Visit, _ view: AnswerView) {
        let server = table.servers[source.server]
        let what = "the answer to \(visit.id) from call-\(source.number)"
        if view["x-proxy-attempts"] == "\(visit.calls.count)", view["x-proxy-server"] != server.name {
            report(.counted, "\(what) says it is from '\(view["x-proxy-server"] ?? "")'")
        }
        guard let record = visit.record else { return }
        if record.server != server.name { report(.counted, "the record of \(what) names '\(record.server ?? "")'") }
        if case .virtual(let number) = visit.plan.key, !table.keys[number].hasExpired,
            record.key != table.keys[number].id
        {
            report(.counted, "the record of \(what) names the key '\(record.key)'")
        }
        if !visit.plan.getsStream, record.status != view.status {
            report(.counted, "the record of \(what) has the status \(record.status ?? 0)")
        }
        let isShared = source.request != visit.plan.number
        if isShared != ["hit", "collapsed"].contains(record.cache) {
            report(.counted, "the record of \(what) says of the cache: '\(record.cache ?? "")'")
        }
        checkCost(in: record, of: visit)
    }
}

extension Visit {
    /// Its record, without what came later about usage that couldn't be counted.
    var record: RecordView? { records.first { !$0.isAboutUncounted } }
}
