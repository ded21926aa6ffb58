extension Life {
    /// The order and the waits of the attempts.
    func checkOrder(of call: ServerCall, behind earlier: [ServerCall], _ visit: Visit) {
        guard let last = earlier.last else { return checkFirst(call, visit) }
        checkTimes(of: call, behind: earlier, visit)
        let server = table.servers[last.server]
        guard let outcome = CallOutcome(last.all, of: server) else { return }
        let what = "\(visit.id) is sent to s\(call.server)\(call.url) after call-\(last.number)"
        if call.server != last.server {
            if outcome.remedy == .nothing { report(.attempts, "\(what), which must be the last one") }
            if earlier.contains(where: { $0.server == call.server }) {
                report(.attempts, "\(what), and was there before")
            }
            checkFallback(to: call.server, behind: earlier, visit.plan, what)
            return
        }
        let here = earlier.filter { $0.server == call.server }
        let again = here.filter { $0.url == call.url }
        if outcome.remedy.rawValue < CallOutcome.Remedy.otherURL.rawValue {
            report(.attempts, "\(what), which must be the last one there")
        }
        for other in again {
            guard let outcome = CallOutcome(other.all, of: server), outcome.remedy != .sameURL else { continue }
            report(.attempts, "\(what), but call-\(other.number) says never to ask that URL again")
        }
        // The wish for usage was refused, which isn't an attempt of its own.
        if case .refusesUsage = last.behaviour, last.asksForUsage { return }
        let refused = here.count { if case .refusesUsage = $0.behaviour, $0.asksForUsage { true } else { false } }
        let unseen = outcome.wasUnseen ? 2 : 1
        if here.count - min(1, refused) >= max(1 + server.retries, unseen) {
            report(.attempts, "\(what): that is attempt \(here.count + 1), with \(server.retries) retries")
        }
        // Of several calls, another one may have failed first.
        if let again = again.last, again.others.isEmpty, let notBefore = again.notBefore, call.opened < notBefore {
            report(.attempts, "\(what), \(notBefore - call.opened) ms before the server wants to be asked again")
        }
    }

    /// No wait is longer than 10 s, and a server's `timeout` covers all its attempts.
    private func checkTimes(of call: ServerCall, behind earlier: [ServerCall], _ visit: Visit) {
        guard !plan.freezes.contains(where: { $0.process == visit.process }), let last = earlier.last else { return }
        if last.server == call.server, let ended = last.allEnded, call.opened > ended + 10_000 {
            report(.attempts, "\(visit.id) waits \(call.opened - ended) ms after call-\(last.number)")
        }
        guard let first = earlier.first(where: { $0.server == call.server }),
            let timeout = table.servers[call.server].limits.timeout, call.opened >= first.opened + Int64(timeout)
        else { return }
        report(
            .attempts,
            "\(visit.id) is sent to s\(call.server) \(call.opened - first.opened) ms after the first time there")
    }

    func checkModel(of call: ServerCall, _ visit: Visit) {
        let server = table.servers[call.server]
        guard call.isModelCall, !server.isReverseProxy, visit.plan.target.namesModel else { return }
        let expected = visit.plan.model(at: server)
        guard call.model != expected else { return }
        report(.attempts, "\(visit.id) asks s\(call.server) for the model '\(call.model)', not '\(expected)'")
    }

    /// A request that failed at its server's connection or with a status for which it must be sent again was sent again.
    func checkPersistence(of visit: Visit, _ answer: CallerAnswer) {
        let made = visit.calls.map { calls[$0] }
        guard let last = made.last, let ended = last.exchange.ended, visit.plan.reading.takesAll, !wasDisturbed(visit),
            !wasEnded(visit, answer), last.isModelCall, last.notBefore == nil, last.status != 200, last.others.isEmpty
        else { return }
        let server = table.servers[last.server]
        guard server.limits.timeout == nil, visit.end.map({ $0 - ended > 20_000 }) ?? true,
            !made.contains(where: { if case .refusesUsage = $0.behaviour { true } else { false } }),
            let outcome = CallOutcome(last, of: server), outcome.remedy == .sameURL
        else { return }
        let tries = made.count { $0.server == last.server }
        guard tries < max(1 + server.retries, outcome.wasUnseen ? 2 : 1) else { return }
        report(.attempts, "\(visit.id) isn't sent again after call-\(last.number), which is try \(tries)")
    }

    /// The first server is passed by only if its limits may refuse the request, or if it can't be translated.
    private func checkFirst(_ call: ServerCall, _ visit: Visit) {
        guard let first = firstServer(for: visit.plan), first != call.server, !table.servers[first].isBedrock,
            scopes(of: visit.plan, at: first).isEmpty
        else { return }
        report(.attempts, "\(visit.id) is sent to s\(call.server) first, and not to s\(first)")
    }

    /// Each server is asked once, in order.
    private func checkFallback(to number: Int, behind earlier: [ServerCall], _ plan: RequestPlan, _ what: String) {
        let order = servers(for: plan)
        guard let place = order.firstIndex(of: number) else {
            return report(.attempts, "\(what), no fallback of s\(plan.namedServer)")
        }
        guard !plan.isOrderDrawn else { return }
        let places = earlier.compactMap { order.firstIndex(of: $0.server) }
        if places.contains(where: { $0 >= place }) { report(.attempts, "\(what), which comes earlier in the order") }
    }

    /// Where a request may be sent, in the order in which servers are asked, unless weights decide.
    func servers(for plan: RequestPlan) -> [Int] {
        plan.choices.isEmpty ? fallbackOrder(from: plan.namedServer) : plan.choices.map(\.server)
    }

    /// The server that is asked first; nil if weights decide, or if the caller may use none that has the endpoint. Where
    /// anybody may come in, a key may still keep its caller from some servers.
    func firstServer(for plan: RequestPlan) -> Int? {
        guard !plan.choices.isEmpty else { return plan.namedServer }
        guard !plan.isOrderDrawn, !table.isAnonymous || plan.key == .none else { return nil }
        return plan.choices.map(\.server).first {
            table.servers[$0].isOpen(to: plan, table) && table.servers[$0].has(plan.target)
        }
    }

    /// Fallbacks, each followed by its own.
    private func fallbackOrder(from first: Int) -> [Int] {
        var order: [Int] = []
        func visit(_ server: Int) {
            guard !order.contains(server) else { return }
            order.append(server)
            for next in table.servers[server].fallbacks { visit(next) }
        }
        visit(first)
        return order
    }
}

extension ServerPlan {
    /// Whether the program can translate requests to an endpoint for it.
    func has(_ target: RequestPlan.Target) -> Bool {
        !isBedrock || target != .responses && target != .completions
    }
}
