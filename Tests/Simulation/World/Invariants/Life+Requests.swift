import Transport

/// What the counters of requests must say: docs/keys-and-limits.md and docs/decisions/0023.
extension Life {
    /// A counter has each request that counts there, and no others, except for what the store has lost: then the record
    /// of the request says so.
    func checkRequests(_ counter: CounterView) {
        let counted = store.table.number("requests", of: counter.item) ?? 0
        let sure = counter.visits.count { surelyCounts($0, in: counter) && !$0.saysUncounted }
        // A permit that nobody has heard of is never given back.
        let least = sure + unheard(in: counter)
        if counted < least {
            report(.usage, "\(counter.item) has \(counted) requests, although at least \(least) count there")
        }
        let most = counter.visits.count { mayCount($0, in: counter) } + unheard(in: counter) + ahead(in: counter)
        if counted > most {
            report(.usage, "\(counter.item) has \(counted) requests, although at most \(most) count there")
        }
    }

    /// Permits of calls whose answer was lost. The call may have been made again.
    private func unheard(in counter: CounterView) -> Int {
        takes(in: counter).reduce(0) { $0 + ($1.isCarriedOut && $1.heard == nil ? $1.requests : 0) }
    }

    /// Permits that were taken in advance, and may never be used.
    private func ahead(in counter: CounterView) -> Int {
        takes(in: counter).reduce(0) { $0 + ($1.heard == nil ? 0 : $1.requests - 1) }
    }

    private func takes(in counter: CounterView) -> [StoreCall] {
        store.calls.filter { $0.item == counter.item && $0.isTake }
    }

    private func surelyCounts(_ visit: Visit, in counter: CounterView) -> Bool {
        // Without a record it isn't known whether it passed uncounted.
        guard let handedOver = visit.handedOver, counter.period.contains(handedOver), visit.recorded != nil else {
            return false
        }
        guard !isList(visit) || !counter.isDay && counter.scope.quotas.rpm != nil else { return false }
        let here = visit.calls.map { calls[$0] }.filter { call in
            scopes(of: visit.plan, at: call.server).contains { $0.text == counter.scope.text }
        }
        guard !here.isEmpty else { return isHit(visit, in: counter) }
        guard here.contains(where: { counter.period.contains($0.opened) }) else { return false }
        return !counter.givesBackWithoutWork || here.contains { mayHaveWorked($0) }
    }

    private func mayCount(_ visit: Visit, in counter: CounterView) -> Bool {
        guard let handedOver = visit.handedOver, handedOver < counter.period.upperBound,
            visit.recorded ?? .max >= counter.period.lowerBound
        else { return false }
        if mayBeUncounted(visit) || visit.saysUncounted { return true }
        if isList(visit), counter.isDay || counter.scope.quotas.rpm == nil { return false }
        let isCached = mayBeHit(visit, in: counter)
        let own = visit.calls.map { calls[$0] }
        guard counter.givesBackWithoutWork else { return isCached || !own.isEmpty }
        return isCached || own.contains { (counter.scope.server ?? $0.server) == $0.server && mayHaveWorked($0) }
    }

    /// Lists of models only count against `rpm`. Behind a reverse proxy nobody knows what is a list.
    private func isList(_ visit: Visit) -> Bool {
        visit.plan.target == .models && !table.servers[visit.plan.namedServer].isReverseProxy
    }

    /// Whether a model may have begun to work, so that the request counts for the day: docs/decisions/0023.
    private func mayHaveWorked(_ call: ServerCall) -> Bool { call.all.contains { mayHaveBegun($0) } }

    private func mayHaveBegun(_ call: ServerCall) -> Bool {
        guard let status = call.status else {
            return switch call.exchange.error?.kind {
            case .unresolved, .refused, .connectTimeout, .handshake, .tls: false
            default: true
            }
        }
        if table.servers[call.server].isReverseProxy || call.usage != nil { return true }
        return switch status {
        case 408, 424: true
        case 300...451, 503, 529: false
        default: true
        }
    }

    // MARK: Hits of the cache

    /// Whether the caller may have got the answer to another request. It counts for the caller, but not for a server.
    private func mayBeHit(_ visit: Visit, in counter: CounterView) -> Bool {
        visit.calls.isEmpty && servers(for: visit.plan).contains { table.servers[$0].cache != nil }
            && !counter.scope.text.hasPrefix("server/")
    }

    private func isHit(_ visit: Visit, in counter: CounterView) -> Bool {
        guard mayBeHit(visit, in: counter),
            counter.scope.server == nil || counter.scope.server == firstServer(for: visit.plan),
            let recorded = visit.recorded, counter.period.contains(recorded),
            let answer = visit.answers.first, let view = AnswerView(answer), view.status == 200
        else { return false }
        return view.body.hasText("call-")
    }
}

extension CounterView {
    /// Whether requests that no model has worked on are given back.
    fileprivate var givesBackWithoutWork: Bool { isDay && scope.quotas.requestsPerDay != nil }
}
