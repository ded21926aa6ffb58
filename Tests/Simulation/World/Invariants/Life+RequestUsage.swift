import Transport

/// What the servers say that a request has used.
extension Life {
    /// What a request has used, and at which server; nil if that isn't clear.
    func usage(of visit: Visit) -> (server: Int?, tokens: ClosedRange<Int>) {
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
