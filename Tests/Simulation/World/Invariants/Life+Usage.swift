import Transport

/// What must be charged: docs/keys-and-limits.md, "Prices and usage".
extension Life {
    /// A counter has the tokens of each request that was sent, once. What couldn't be added comes with the next call.
    func checkTokens(_ counter: CounterView) {
        guard counter.countsTokens else { return }
        let charged = store.table.number("tokens", of: counter.item) ?? 0
        var (least, most) = (0, 0)
        for visit in counter.visits where visit.plan.target != .models && !visit.calls.isEmpty {
            let isHere = visit.recorded.map { counter.period.contains($0) }
            guard isHere != false, let tokens = tokens(of: visit, at: counter.scope.server) else { continue }
            most += tokens.upperBound
            if isHere == true, isAdded(visit, to: counter) { least += tokens.lowerBound }
        }
        if charged < least {
            report(.usage, "\(counter.item) is charged \(charged) tokens, although at least \(least) were used")
        }
        // What was added although its answer was lost may have been added again.
        most += store.calls.reduce(0) { sum, call in
            sum + (call.item == counter.item && call.isCarriedOut && call.heard == nil ? call.tokens : 0)
        }
        if charged > most {
            report(.usage, "\(counter.item) is charged \(charged) tokens, although at most \(most) were used")
        }
    }

    /// Whether the usage of a request was surely added: at its end, or with a later call of its process.
    private func isAdded(_ visit: Visit, to counter: CounterView) -> Bool {
        guard let recorded = visit.recorded, !mayBeUncounted(visit) else { return false }
        guard visit.saysUncounted else { return true }
        let own = store.calls.filter { $0.item == counter.item && $0.process == visit.process }
        // While a call that has taken over what is owed isn't known to have failed, others don't add it.
        let lastFailure = own.last { $0.tokens > 0 && $0.heard == nil }?.begun ?? recorded
        let known = max(recorded, lastFailure) + Self.longestAddition
        return own.contains { $0.heard != nil && $0.begun > known }
    }

    /// A call to the store takes up to a second, and is made twice if its connection breaks. In milliseconds.
    private static let longestAddition: Int64 = 2500

    // MARK: Requests

    /// What a request has used at a server, or at any.
    /// - Returns: nil for nothing.
    private func tokens(of visit: Visit, at server: Int?) -> ClosedRange<Int>? {
        let used = usage(of: visit)
        let record = visit.records.first { !$0.isAboutUncounted }
        var tokens = used.tokens
        if let record {
            let said = (record.input ?? 0) + (record.output ?? 0)
            if tokens.contains(said) {
                tokens = said...said
            } else {
                report(.usage, "the record of \(visit.id) says \(said) tokens, although \(tokens) were used")
            }
        }
        guard let server, server != used.server else { return tokens }
        return used.server == nil ? 0...tokens.upperBound : nil
    }

    /// What a request has used, and at which server; nil if that isn't clear.
    private func usage(of visit: Visit) -> (server: Int?, tokens: ClosedRange<Int>) {
        let own = visit.calls.map { calls[$0] }
        // The bodies of reverse proxies pass unread.
        guard let last = own.last, !table.servers[last.server].isReverseProxy else { return (nil, 0...0) }
        let inErrors = usageInErrors(own)
        let answered = own.filter { $0.status == 200 }
        guard answered.isEmpty else {
            let before = inErrors?.server == last.server ? inErrors?.tokens ?? 0 : 0
            if answered.count == 1, last.isTaken, let usage = last.usage {
                return (last.server, (usage + before)...(usage + before))
            }
            // An estimate: at most a token for each byte.
            let most = own.reduce(visit.plan.body(table).count + before) { $0 + $1.sent.count }
            return (Set(own.map(\.server)).count == 1 ? last.server : nil, 0...most)
        }
        if let inErrors { return (inErrors.server, inErrors.tokens...inErrors.tokens) }
        guard let unheard = own.last(where: \.isUnheard) else { return (last.server, 0...0) }
        // One token for four bytes of the request.
        let tokens = visit.plan.body(table).count / 4
        return (unheard.server, tokens...tokens)
    }

    /// The usage in errors of the last server that has reported any there.
    private func usageInErrors(_ calls: [ServerCall]) -> (server: Int, tokens: Int)? {
        var reported: (server: Int, tokens: Int)?
        for call in calls where call.status != 200 {
            guard let usage = call.usage else { continue }
            let before = reported?.server == call.server ? reported?.tokens ?? 0 : 0
            reported = (call.server, before + usage)
        }
        return reported
    }
}

extension CounterView {
    fileprivate var countsTokens: Bool {
        isDay ? scope.quotas.tokensPerDay != nil || scope.quotas.budget != nil : scope.quotas.tpm != nil
    }
}

extension ServerCall {
    /// The tokens that the server reports; nil if it doesn't.
    var usage: Int? {
        guard let input = sent.number(behind: "\"prompt_tokens\":") else { return nil }
        return input + (sent.number(behind: "\"completion_tokens\":") ?? 0)
    }

    /// Whether the program has taken the whole answer.
    fileprivate var isTaken: Bool { isGood && exchange.isEnded && exchange.error == nil }

    /// Whether the server may have worked, although nobody waits for its answer any more.
    fileprivate var isUnheard: Bool {
        switch exchange.error?.kind {
        case .timeout, .firstByteTimeout, .idleTimeout, .deadline, .canceled: true
        default: false
        }
    }
}
