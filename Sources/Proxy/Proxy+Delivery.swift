import HTTPTypes
import LambdaRuntime
import Logging
import Transport

/// How the outcome gets to the caller.
extension Proxy {
    func deliver(
        _ outcome: Outcome, _ origin: Origin, _ invocation: Invocation, _ writer: consuming ResponseWriter
    ) async -> Delivery {
        switch outcome {
        case .success(.whole(let prelude, let body)):
            return await writer.send(prelude.named(invocation, origin), body)
        case .success(.stream(let prelude, let body)):
            let delivery = await writer.stream(prelude.named(invocation, origin), body)
            logBreak(in: body, of: invocation)
            return delivery
        case .failure(let error):
            log(error, of: invocation)
            return await writer.send(error.prelude.named(invocation, origin), error.body)
        }
    }

    /// Begins the answer when the upstream has been silent for so many milliseconds.
    func deliver(
        _ request: UpstreamRequest, _ route: Route, _ invocation: Invocation, _ writer: consuming ResponseWriter,
        noLaterThan silence: Int
    ) async -> Delivery {
        let pending = PendingOutcome()
        async let asking: Void = pending.resolve(attempts.answer(request, along: route, of: invocation))
        if let outcome = await pending.wait(upTo: silence, timers) {
            return await deliver(outcome, request.origin, invocation, writer)
        }
        let body = BodyPipe()
        async let filling: Void = EarlyAnswer(silence: silence, timers: timers).fill(body, from: pending)
        let delivery = await writer.stream(EarlyAnswer.prelude.named(invocation, request.origin), body)
        if delivery != .accepted { request.cancellation.cancel("the caller has gone") }
        _ = await (asking, filling)
        logBreak(in: body, of: invocation)
        return delivery
    }
}

extension Prelude {
    /// With how the answer came about, and the id under which the log knows the request.
    fileprivate func named(_ invocation: Invocation, _ origin: Origin) -> Prelude {
        var prelude = origin.marked(self)
        prelude.fields[.proxyRequestID] = invocation.id
        return prelude
    }
}

// MARK: - Log

extension Proxy {
    private func log(_ error: ProxyError, of invocation: Invocation) {
        logger.log(
            level: error.fault == .caller ? .info : .warning, "a request was refused or has failed",
            metadata: [
                "request": "\(invocation.id)", "status": "\(error.status.code)", "code": "\(error.code)",
                "error": "\(error.detail)",
            ])
    }

    private func logBreak(in body: BodyPipe, of invocation: Invocation) {
        let reason: String
        switch body.end {
        case .partial(let words, _): reason = words
        case .failed(let error): reason = error.detail
        case .complete, nil: return
        }
        logger.warning("the answer is incomplete", metadata: ["request": "\(invocation.id)", "error": "\(reason)"])
    }
}
