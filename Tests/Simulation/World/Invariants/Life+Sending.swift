import Calendar
import HTTPTypes

/// What must be true whenever a request is sent to a server.
extension Life {
    func check(_ call: ServerCall) {
        let server = table.servers[call.server]
        checkCredentials(of: call, server)
        guard let visit = visit(of: call) else {
            if call.isModelCall { report(.ownBytes, "s\(call.server) is called for no request") }
            return
        }
        let earlier = visit.calls.map { calls[$0] }
        if let first = first(beside: call, visit) { return check(call, beside: first, visit) }
        if let open = earlier.flatMap(\.all).first(where: { !$0.exchange.isEnded }) {
            report(.attempts, "\(visit.id) is sent to s\(call.server) while call-\(open.number) is still open")
        }
        checkNothingWasPassedOn(earlier, visit)
        if !server.isOpen(to: visit.plan, table) || !mayUseModel(call, visit.plan) {
            report(.consent, "\(visit.id) is sent to s\(call.server), for which its key isn't")
        }
        checkModel(of: call, visit)
        checkCacheControl(of: call, visit)
        checkOrder(of: call, behind: earlier, visit)
        for scope in scopes(of: visit.plan, at: call.server) {
            checkOpen(scope, call, visit)
            checkPermits(scope, call, visit, behind: earlier)
        }
        checkLeft(call, visit)
    }

    /// An attempt makes its calls eight at a time.
    private func check(_ call: ServerCall, beside first: ServerCall, _ visit: Visit) {
        checkModel(of: call, visit)
        if first.all.count(where: { !$0.exchange.isEnded }) >= 8 {
            report(.attempts, "\(visit.id) makes call-\(call.number), although eight calls are open")
        }
    }

    /// A key's models are `real-*`. Where bodies pass unread, it can't be used at all.
    private func mayUseModel(_ call: ServerCall, _ plan: RequestPlan) -> Bool {
        guard case .virtual(let number) = plan.key, table.keys[number].allowedModels != nil, call.isModelCall else {
            return true
        }
        return !table.servers[call.server].isReverseProxy && call.model.hasPrefix("real-")
    }

    func visit(of call: ServerCall) -> Visit? {
        call.request.flatMap { visits.indices.contains($0) ? visits[$0] : nil }
    }

    /// Each server gets its own token, and nothing else that is secret.
    private func checkCredentials(of call: ServerCall, _ server: ServerPlan) {
        let isPreconnect = call.exchange.method == .head
        let expected = server.hasToken && !isPreconnect ? "Bearer \(server.token)" : nil
        let authorization = call.exchange.fields[.authorization]
        let isRight =
            server.isSigned && !isPreconnect ? hasSignature(call, authorization ?? "") : authorization == expected
        if !isRight { report(.secrets, "s\(server.number) gets '\(authorization ?? "no token")'") }
        for field in call.exchange.fields
        where field.name != .authorization && Secrets.isIn(field.value.utf8, orTokens: table.users != nil) {
            report(.secrets, "s\(server.number) gets a secret in \(field.name)")
        }
        checkSecrets(in: call.exchange.body, "a request to s\(server.number)")
    }

    /// Whether a request is signed for the service, on the day that its process's clock shows. `SignatureV4Tests` checks
    /// the signature itself.
    private func hasSignature(_ call: ServerCall, _ text: String) -> Bool {
        let day = Timestamp.timestamp(call.opened + Int64(everyProcess[call.process].skew)).prefix(10).filter {
            $0 != "-"
        }
        let scope = "\(day)/\(FunctionEnvironment.region)/bedrock/aws4_request"
        return text.hasPrefix(
            "AWS4-HMAC-SHA256 Credential=AKIASIMULATED/\(scope), SignedHeaders=content-type;host;x-amz-date,")
    }

    /// Nothing is sent again after a byte has reached the caller, except the beginning of a silent stream.
    private func checkNothingWasPassedOn(_ earlier: [ServerCall], _ visit: Visit) {
        for answer in visit.answers {
            if let number = answer.bytes.number(behind: "call-"), earlier.contains(where: { $0.number == number }) {
                report(.noSecondTry, "\(visit.id) is sent again, although the caller has bytes of call-\(number)")
            }
            if answer.ending != .open, !hasFollowers(visit) {
                report(.noSecondTry, "\(visit.id) is sent again, although it is answered")
            }
        }
    }
}

extension Life {
    /// Whether others may wait for the answer to the same request. It goes on for them when its own caller has gone.
    private func hasFollowers(_ visit: Visit) -> Bool {
        guard let cache = servers(for: visit.plan).lazy.compactMap({ self.table.servers[$0].cache }).first else {
            return false
        }
        return visits.contains { other in
            guard let other, other !== visit, other.process == visit.process, other.handedOver != nil,
                other.plan.question == visit.plan.question
            else { return false }
            return other.answers.allSatisfy { $0.ending == .open } && mayShare(other.plan, visit.plan, cache)
        }
    }
}
