import HTTPTypes
package import LambdaRuntime
package import Logging
package import Transport

/// The way of a request, from the event to the answer: one line for each station.
package struct Proxy: InvocationHandler {
    private let access: Access
    private let router: Router
    private let attempts: Attempts
    private let openRequests = OpenRequests()
    private let timers: any Timers
    private let logger: Logger

    /// - Parameters:
    ///   - now: the time in milliseconds since 1970, against which deadlines are held.
    ///   - random: a number from 0 up to, but not including, 1.
    package init(
        _ table: ServerTable, over transport: any HTTPTransport, timers: any Timers, logger: Logger,
        now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        access = Access(table)
        router = Router(table)
        attempts = Attempts(
            transport: transport, timers: timers, logger: logger, now: now, random: random,
            margin: table.settings.deadlineMargin)
        self.timers = timers
        self.logger = logger
    }

    package func handle(_ invocation: Invocation, _ writer: consuming ResponseWriter) async -> Delivery {
        let request: HTTPEvent
        do throws(HTTPEvent.DecodingError) {
            request = try HTTPEvent(decoding: invocation.payload)
        } catch {
            logger.warning(
                "the event was refused", metadata: ["request": "\(invocation.id)", "error": "\(error.message)"])
            return await writer.fail(InvocationError("InvalidEvent", error.message))
        }
        let origin = Origin()
        let cancellation = openRequests.begin()
        defer { openRequests.end(cancellation) }
        do throws(ProxyError) {
            let target = try RequestTarget(path: request.path, query: request.query)
            let caller = try access.admit(request.fields)
            let route = try router.route(request.method, target, for: caller)
            let body = try RequestBody(request.body, for: route)
            let upstream = UpstreamRequest(request, body, origin, cancellation)
            guard let silence = upstream.longestSilence(on: route) else {
                return await deliver(
                    attempts.answer(upstream, along: route, of: invocation), origin, invocation, writer)
            }
            return await deliver(upstream, route, invocation, writer, noLaterThan: silence)
        } catch {
            return await deliver(.failure(error), origin, invocation, writer)
        }
    }

    /// Ends what is open, because the process does.
    package func cancelAll() { openRequests.cancelAll("the process ends") }
}

// MARK: - Delivery

extension Proxy {
    private func deliver(
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
    private func deliver(
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
        request.cancellation.cancel("the caller has gone")
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
