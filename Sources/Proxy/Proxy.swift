import HTTPTypes
package import LambdaRuntime
package import Logging
package import Transport

/// The way of a request, from the event to the answer: one line for each station.
package struct Proxy: InvocationHandler {
    private let access: Access
    private let router: Router
    private let attempts: Attempts
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
        var origin = Origin()
        do throws(ProxyError) {
            switch try await answer(request, of: invocation, &origin) {
            case .whole(let prelude, let body): return await writer.send(prelude.named(invocation, origin), body)
            case .stream(let prelude, let body):
                let delivery = await writer.stream(prelude.named(invocation, origin), body)
                logBreak(in: body, of: invocation)
                return delivery
            }
        } catch {
            log(error, of: invocation)
            return await writer.send(error.prelude.named(invocation, origin), error.body)
        }
    }

    private func answer(
        _ request: HTTPEvent, of invocation: Invocation, _ origin: inout Origin
    ) async throws(ProxyError) -> Answer {
        let target = try RequestTarget(path: request.path, query: request.query)
        let caller = try access.admit(request.fields)
        let route = try router.route(request.method, target, for: caller)
        let body = try RequestBody(request.body, for: route)
        let upstream = UpstreamRequest(request, body)
        return try await attempts.answer(upstream, along: route, of: invocation, &origin)
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
