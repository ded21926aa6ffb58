import FoundationEssentials

/// What the runtime says to its Runtime API.
extension Environment {
    func poll(_ handler: RuntimeHandler) {
        guard self.phase == .starting || self.phase == .ready, handler.generation == self.generation else { return }
        self.becomeReady()
        if !self.settings.isManagedInstance, let open = self.running.values.first, !open.isBeingAnswered {
            self.log.note("\(open.label): the runtime asked for the next invocation without answering this one")
        }
        self.polls.append(handler)
        self.pump()
    }

    func cancelPoll(_ handler: RuntimeHandler) {
        self.polls.removeAll { $0 === handler }
    }

    /// The invocation that an answer is for.
    func invocation(_ id: String, nonce: String?) -> Result<Invocation, Refusal> {
        guard !self.timedOut.contains(id) else { return .failure(Refusal(reply: .gone)) }
        guard let invocation = self.running[id] else { return .failure(Refusal(reply: .unknownInvocation)) }
        // Runtimes older than the nonce don't send it, and are served.
        if nonce == nil {
            self.log.detail("\(invocation.label): the runtime doesn't echo Lambda-Runtime-Invocation-Id")
        }
        guard nonce == nil || nonce == invocation.identity.nonce else { return .failure(Refusal(reply: .gone)) }
        return .success(invocation)
    }

    /// An answer is complete; returns what the runtime hears.
    func finish(_ invocation: Invocation, trailers: [HeaderField]) -> RuntimeReply {
        guard invocation.isBeingAnswered else { return .gone }
        if let error = RuntimeError(trailers: trailers) {
            self.log.note("\(invocation.label): the runtime reports a failure in its trailers: \(error.sentence)")
        }
        self.forget(invocation)
        do {
            try invocation.finish(log: self.log)
        } catch {
            self.fail(invocation, error)
            return .refusing(error)
        }
        if invocation.caller.isGone {
            self.log.detail("\(invocation.label): the caller left; its answer was thrown away")
        }
        self.pump()
        return .accepted
    }

    /// An error report, about one invocation or about the start of the runtime.
    func report(_ error: RuntimeError, about invocation: Invocation?) {
        guard let invocation else { return self.giveUpStart(error) }
        self.fail(invocation, .functionError(error))
    }

    func registerExtension(name: String?) -> RuntimeReply {
        guard let name, !name.isEmpty else { return .unnamedExtension }
        let identifier = UUID().uuidString.lowercased()
        self.extensionIDs.insert(identifier)
        return .registered(functionName: self.settings.functionName, identifier: identifier)
    }

    func isExtension(_ identifier: String?) -> Bool {
        identifier.map { self.extensionIDs.contains($0) } ?? false
    }
}
