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
