import HTTPTypes
package import LambdaRuntime
package import Logging
package import Transport

/// The way of a request, from the event to the answer: one line for each station.
package struct Proxy: InvocationHandler {
    private let access: Access
    private let router: Router
    let attempts: Attempts
    private let openRequests = OpenRequests()
    let timers: any Timers
    let logger: Logger

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
            let meter = Meter(requestBytes: request.body.count, now: attempts.now)
            let upstream = UpstreamRequest(request, body, trace: invocation.trace, origin, meter, cancellation)
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
