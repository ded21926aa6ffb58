import Transport

/// What must be charged: docs/keys-and-limits.md, "Prices and usage".
extension Life {
    /// A counter has what each request has used, once. What couldn't be added comes with the next call.
    func checkUsage(_ counter: CounterView) {
        for measure in UsageMeasure.allCases where counter.counts(measure) { check(measure, of: counter) }
    }

    private func check(_ measure: UsageMeasure, of counter: CounterView) {
        let charged = store.table.number(measure.rawValue, of: counter.item) ?? 0
        var (least, most) = (0, 0)
        for visit in counter.visits where visit.plan.target != .models && !visit.calls.isEmpty {
            let isHere = visit.recorded.map { counter.period.contains($0) }
            guard isHere != false, let amount = amount(measure, of: visit, at: counter.scope.server) else { continue }
            most += amount.upperBound
            if isHere == true, isAdded(visit, to: counter) { least += amount.lowerBound }
        }
        if charged < least {
            report(.usage, "\(counter.item) is charged \(charged) \(measure), although at least \(least) were used")
        }
        // What was added although its answer was lost may have been added again.
        most += store.calls.reduce(0) { sum, call in
            sum + (call.item == counter.item && call.isCarriedOut && call.heard == nil ? call.amount(measure) : 0)
        }
        if charged > most {
            report(.usage, "\(counter.item) is charged \(charged) \(measure), although at most \(most) were used")
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
    private func amount(_ measure: UsageMeasure, of visit: Visit, at server: Int?) -> ClosedRange<Int>? {
        guard let tokens = tokens(of: visit, at: server) else { return nil }
        guard measure == .cost else { return tokens }
        // Where costs are limited, all servers have the same prices.
        if tokens.lowerBound == tokens.upperBound, let record = visit.record {
            let exact = ServerPlan.cost(record.input ?? 0, record.output ?? 0)
            // It is rounded up.
            return exact...(exact + 1)
        }
        return ServerPlan.cost(tokens.lowerBound, 0)...ServerPlan.cost(0, tokens.upperBound)
    }

    private func tokens(of visit: Visit, at server: Int?) -> ClosedRange<Int>? {
        let used = usage(of: visit)
        var tokens = used.tokens
        if let record = visit.record {
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

    /// The record tells what the tokens cost where they were used.
    func checkCost(in record: RecordView, of visit: Visit) {
        guard let input = record.input, let output = record.output, let server = usage(of: visit).server else { return }
        let cost = (record.cost ?? 0) * 1e9
        let expected = table.servers[server].hasPrices ? ServerPlan.cost(input, output) : 0
        guard abs(cost - Double(expected)) > 1 else { return }
        report(.usage, "the record of \(visit.id) says that \(input) and \(output) tokens cost \(cost) billionths")
    }

    /// What a request has used, and at which server; nil if that isn't clear.
    private func usage(of visit: Visit) -> (server: Int?, tokens: ClosedRange<Int>) {
        let own = visit.calls.map { calls[$0] }
        // The bodies of reverse proxies pass unread.
        guard let last = own.last, !table.servers[last.server].isReverseProxy else { return (nil, 0...0) }
        if own.contains(where: { !$0.others.isEmpty }) { return usageOfParts(own, visit) }
        let inErrors = usageInErrors(own)
        let answered = own.filter { $0.status == 200 }
        guard answered.isEmpty else {
            let before = inErrors?.server == last.server ? inErrors?.tokens ?? 0 : 0
            if answered.count == 1, last.isTaken, isUsageKnown(last, visit), let usage = last.usage {
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

    /// The same where some attempts made several calls: what the good ones report, at the server that has answered, or
    /// at the last one that has worked. Nobody knows what calls have used that were cut off.
    private func usageOfParts(_ own: [ServerCall], _ visit: Visit) -> (server: Int?, tokens: ClosedRange<Int>) {
        func reported(by call: ServerCall) -> Int {
            call.all.reduce(0) { $0 + ($1.isTaken || $1.part == nil && $1.status != 200 ? $1.usage ?? 0 : 0) }
        }
        let hasAnswer = own.last?.all.allSatisfy(\.isTaken) ?? false
        // An estimate, if the answer of a fallback broke off.
        let isCut = !hasAnswer && own.last?.status == 200 && own.last?.part == nil
        guard !isCut else {
            return (nil, 0...own.flatMap(\.all).reduce(visit.plan.body(table).count) { $0 + $1.sent.count })
        }
        guard let server = hasAnswer ? own.last?.server : own.last(where: { reported(by: $0) > 0 })?.server else {
            return (nil, 0...visit.plan.body(table).count)
        }
        let tokens = own.reduce(0) { $0 + ($1.server == server ? reported(by: $1) : 0) }
        return (server, tokens...tokens)
    }

    /// Bedrock always reports usage, but that of a stream is only read if the caller or the table asks for it.
    private func isUsageKnown(_ call: ServerCall, _ visit: Visit) -> Bool {
        let server = table.servers[call.server]
        guard call.isBedrock, call.isStream, !visit.plan.wantsUsage else { return true }
        return server.hasPrices || server.quotas.countsTokens
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

/// What is counted of a request's usage, by the name of its attribute.
enum UsageMeasure: String, CaseIterable {
    case tokens
    /// In billionths of a dollar.
    case cost
}

extension CounterView {
    fileprivate func counts(_ measure: UsageMeasure) -> Bool {
        guard isDay else { return measure == .tokens && scope.quotas.tpm != nil }
        return scope.quotas.budget != nil || measure == .tokens && scope.quotas.tokensPerDay != nil
    }
}

extension StoreCall {
    fileprivate func amount(_ measure: UsageMeasure) -> Int { measure == .tokens ? tokens : cost }
}

extension ServerCall {
    /// The tokens that the server reports; nil if it doesn't.
    var usage: Int? {
        for members in UsageMembers.all {
            guard let input = sent.number(behind: members.input) else { continue }
            return input + (sent.number(behind: members.output) ?? 0)
        }
        return nil
    }

    /// Whether the program has taken the whole answer.
    fileprivate var isTaken: Bool { isWhole && status == 200 && exchange.isEnded && exchange.error == nil }

    /// Whether the server may have worked, although nobody waits for its answer any more.
    fileprivate var isUnheard: Bool {
        switch exchange.error?.kind {
        case .timeout, .firstByteTimeout, .idleTimeout, .deadline, .canceled: true
        default: false
        }
    }
}
