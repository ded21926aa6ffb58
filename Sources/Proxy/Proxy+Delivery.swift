import HTTPTypes
import LambdaRuntime
import Transport

/// Sends the outcome to the caller.
extension Proxy {
    func deliver(_ outcome: Outcome, _ context: RequestContext, _ writer: consuming ResponseWriter) async -> Delivery {
        guard context.door.streams else { return await deliverWhole(outcome, context, writer) }
        context.record.note(outcome)
        switch outcome {
        case .success(.whole(let prelude, let body)):
            return await writer.send(context.marked(prelude), body)
        case .success(.stream(let prelude, let body)):
            let delivery = await writer.stream(context.marked(prelude), body)
            context.note(delivery, of: body)
            return delivery
        case .failure(let error):
            return await writer.send(context.record.marked(error.prelude), error.body)
        }
    }

    /// Begins the response once the upstream has been silent for this many milliseconds.
    func deliver(
        _ request: UpstreamRequest, _ route: Route, _ context: RequestContext, _ writer: consuming ResponseWriter,
        noLaterThan silence: Int
    ) async -> Delivery {
        // `ask` is a function of its own, so that its variables are released before a stream, which may take minutes.
        switch await ask(request, route, context, writer, noLaterThan: silence) {
        case .delivered(let delivery): return delivery
        case .known(let outcome, let writer): return await deliver(outcome, context, writer)
        }
    }

    private func ask(
        _ request: UpstreamRequest, _ route: Route, _ context: RequestContext, _ writer: consuming ResponseWriter,
        noLaterThan silence: Int
    ) async -> Asked {
        let pending = PendingOutcome()
        async let asking: Void = pending.resolve(outcome(of: request, along: route))
        if let outcome = await pending.wait(upTo: silence, timers) { return .known(outcome, writer) }
        let body = BodyPipe()
        async let filling: Void = EarlyResponse(silence: silence, timers: timers).fill(body, from: pending)
        let delivery = await writer.stream(context.marked(EarlyResponse.prelude), body)
        if delivery != .accepted {
            if pending.outcome == nil { context.record.note(delivery) }
            context.giveUp("the caller has gone")
        }
        _ = await (asking, filling)
        // Nobody reads a stream that began after the caller had gone.
        if body.isCanceled, case .success(.stream(_, let upstream)) = pending.outcome { upstream.cancel() }
        if let outcome = pending.outcome { context.record.note(outcome) }
        context.note(delivery, of: body)
        return .delivered(delivery)
    }
}

/// The state of the response once the upstream has been asked.
private enum Asked: ~Copyable {
    case known(Outcome, ResponseWriter)
    case delivered(Delivery)
}

extension BodyPipe.End {
    fileprivate var isCanceled: Bool {
        switch self {
        case .complete: false
        case .partial(let type, _, _): type == Failure.canceled
        case .failed(let error): error.kind == .canceled
        }
    }
}

extension RequestContext {
    /// Cancels what the request waits for, once no other request waits for the same response.
    fileprivate func giveUp(_ reason: String) {
        let cancellation = cancellation
        guard let shared = record.cache?.recording, shared.outlivesReader else { return cancellation.cancel(reason) }
        shared.onUnfollowed = { cancellation.cancel(reason) }
    }

    /// The first failure causes the others: an upstream is canceled because its response couldn't be delivered, unless
    /// something else has canceled it before.
    fileprivate func note(_ delivery: Delivery, of body: BodyPipe) {
        if cancellation.reason == nil, body.end?.isCanceled == true { record.note(delivery) }
        record.note(body.end)
        record.note(delivery)
    }

    /// The response's head with the proxy's own fields and the caller's remaining quotas.
    func marked(_ prelude: Prelude) -> Prelude {
        var prelude = record.marked(prelude)
        // An error keeps the upstream's own rate limits, since they may be the reason.
        if prelude.status.code < 400 { reservation.fields.write(to: &prelude.fields) }
        return prelude
    }
}

/// What the caller gets: a whole body, or a stream.
enum ProxyResponse {
    case whole(Prelude, [UInt8])
    case stream(Prelude, BodyPipe)
}

/// The result of asking upstreams.
typealias Outcome = Result<ProxyResponse, ProxyError>
