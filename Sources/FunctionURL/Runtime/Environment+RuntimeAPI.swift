import FoundationEssentials

/// The runtime's requests to its Runtime API.
extension Environment {
    func poll(_ handler: RuntimeHandler) {
        guard phase == .starting || phase == .ready, handler.generation == generation else { return }
        becomeReady()
        if !settings.isManagedInstance, let open = running.values.first, !open.isResponding {
            log.note("\(open.label): the runtime asked for the next invocation without responding to this one")
        }
        polls.append(handler)
        pump()
    }

    func cancelPoll(_ handler: RuntimeHandler) {
        polls.removeAll { $0 === handler }
    }

    /// The invocation that a response belongs to.
    func invocation(_ id: String, nonce: String?) throws(RuntimeReply) -> Invocation {
        guard !timedOut.contains(id) else { throw .gone }
        guard let invocation = running[id] else { throw .unknownInvocation }
        // Older runtimes don't send the nonce. They are served without it.
        if nonce == nil {
            log.detail("\(invocation.label): the runtime doesn't echo Lambda-Runtime-Invocation-Id")
        }
        guard nonce == nil || nonce == invocation.identity.nonce else { throw .gone }
        return invocation
    }

    /// Ends a complete response, and returns the reply to the runtime.
    func finish(_ invocation: Invocation, trailers: [HeaderField]) -> RuntimeReply {
        guard invocation.isResponding else { return .gone }
        if let error = RuntimeError(trailers: trailers) {
            log.note("\(invocation.label): the runtime reports a failure in its trailers: \(error.sentence)")
        }
        forget(invocation)
        do {
            try invocation.finish(log: log)
        } catch {
            fail(invocation, error)
            return .refusing(error)
        }
        if invocation.caller.isGone {
            log.detail("\(invocation.label): the caller disconnected; its response was discarded")
        }
        pump()
        return .accepted
    }

    /// Handles an error report about an invocation, or about the runtime's initialization.
    func report(_ error: RuntimeError, about invocation: Invocation?) {
        guard let invocation else { return giveUpStart(error) }
        fail(invocation, .functionError(error))
    }

    func registerExtension(name: String?) -> RuntimeReply {
        guard let name, !name.isEmpty else { return .unnamedExtension }
        let identifier = UUID().uuidString.lowercased()
        extensionIDs.insert(identifier)
        return .registered(functionName: settings.functionName, identifier: identifier)
    }

    func isExtension(_ identifier: String?) -> Bool {
        identifier.map { extensionIDs.contains($0) } ?? false
    }
}
