import Transport

/// How a call to a server has ended, and what the documented table allows after it: docs/reliability.md, "Retries and
/// fallbacks".
struct CallOutcome {
    enum Remedy: Int { case nothing, otherServer, otherURL, sameURL }

    let remedy: Remedy
    /// Nobody has seen the request.
    var wasUnseen = false
}

extension CallOutcome {
    /// - Parameter calls: those of one attempt. Which of them failed first isn't known.
    /// - Returns: nil while one is open.
    init?(_ calls: [ServerCall], of server: ServerPlan) {
        guard calls.allSatisfy(\.exchange.isEnded) else { return nil }
        let failed = calls.filter { !$0.isGood && (calls.count == 1 || $0.exchange.error?.kind != .canceled) }
        let all = failed.compactMap { CallOutcome($0, of: server) }
        guard let best = all.max(by: { $0.remedy.rawValue < $1.remedy.rawValue }) else {
            self.init(calls[0], of: server)
            return
        }
        self.init(remedy: best.remedy, wasUnseen: all.contains(where: \.wasUnseen))
    }

    /// - Returns: nil while the call is open.
    init?(_ call: ServerCall, of server: ServerPlan) {
        guard call.exchange.isEnded else { return nil }
        guard let status = call.status else {
            self.init(call.exchange.error?.kind ?? .reset, of: server)
            return
        }
        guard status != 200 else {
            self.init(answered: call)
            return
        }
        if call.isBedrock, call.isStream, let kind = call.exchange.error?.kind, kind != .canceled {
            // An exception that never arrived whole.
            self.init(broken: kind)
            return
        }
        if case .refusesUsage = call.behaviour {
            // Only the wish for usage was refused, so the same URL is asked without it.
            self.init(remedy: .sameURL)
            return
        }
        guard status >= 400, !server.isReverseProxy else {
            self.init(remedy: .nothing)
            return
        }
        let isWorthRetrying = [408, 409, 429, 500, 502, 503, 504, 529].contains(status)
        switch call.shouldRetry {
        case true: self.init(remedy: .sameURL)
        case false where isWorthRetrying: self.init(remedy: .otherServer)
        default: self.init(remedy: isWorthRetrying ? .sameURL : status >= 500 ? .otherServer : .nothing)
        }
    }

    private init(_ kind: TransportError.Kind, of server: ServerPlan) {
        switch kind {
        case .unresolved, .refused, .handshake, .connectTimeout: self.init(remedy: .sameURL, wasUnseen: true)
        case .reset: self.init(remedy: server.isReverseProxy ? .nothing : .sameURL)
        case .canceled, .deadline: self.init(remedy: .nothing)
        default: self.init(remedy: server.isReverseProxy ? .nothing : .otherURL)
        }
    }

    /// A good head was followed by something that isn't an answer.
    private init(answered call: ServerCall) {
        switch call.behaviour {
        case .answersPage: self.init(remedy: .otherURL)
        case .answersNothing where !call.isStream: self.init(remedy: .sameURL)
        // The first message is looked at before the stream begins.
        case _ where call.isBedrock && call.isStream && ConverseView(call.sent).isEmpty:
            self.init(broken: call.exchange.error?.kind)
        case _ where call.isStream || call.isGood: self.init(remedy: .nothing)
        default:
            self.init(broken: call.exchange.error?.kind)
        }
    }

    /// Nothing has been passed on of an answer that broke off.
    private init(broken kind: TransportError.Kind?) {
        self.init(remedy: kind == nil || kind == .reset ? .sameURL : kind == .canceled ? .nothing : .otherURL)
    }
}
