import HTTPTypes
package import LambdaRuntime
package import Logging
package import Transport

/// The way of a request, from the event to the answer: one line for each station.
package struct Proxy: InvocationHandler {
    private let access: Access
    private let router: Router
    private let transport: any HTTPTransport
    private let logger: Logger
    private let now: @Sendable () -> Int64

    /// - Parameter now: the time in milliseconds since 1970, against which deadlines are held.
    package init(
        _ table: ServerTable, over transport: any HTTPTransport, logger: Logger, now: @escaping @Sendable () -> Int64
    ) {
        access = Access(table)
        router = Router(table)
        self.transport = transport
        self.logger = logger
        self.now = now
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
        do throws(ProxyError) {
            switch try await answer(request, of: invocation) {
            case .whole(let prelude, let body): return await writer.send(prelude.named(invocation), body)
            case .stream(let prelude, let body):
                let delivery = await writer.stream(prelude.named(invocation), body)
                logBreak(in: body, of: invocation)
                return delivery
            }
        } catch {
            log(error, of: invocation)
            return await writer.send(error.prelude.named(invocation), error.body)
        }
    }

    private func answer(_ request: HTTPEvent, of invocation: Invocation) async throws(ProxyError) -> Answer {
        let target = try RequestTarget(path: request.path, query: request.query)
        let caller = try access.admit(request.fields)
        let route = try router.route(request.method, target, for: caller)
        let body = try RequestBody.rewrite(request.body, for: route)
        let upstream = try UpstreamRequest.make(request, body, for: route, timeLeft: invocation.timeLeft(at: now()))
        return try await Relay.answer(open(upstream, route), for: route)
    }

    private func open(_ request: TransportRequest, _ route: Route) async throws(ProxyError) -> TransportResponse {
        do throws(TransportError) {
            return try await transport.open(request)
        } catch {
            throw .upstreamFailed(server: route.server.name, error)
        }
    }
}

extension Prelude {
    /// With the id under which the log knows the request.
    fileprivate func named(_ invocation: Invocation) -> Prelude {
        var prelude = self
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
