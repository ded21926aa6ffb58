import HTTPTypes
import LambdaRuntime
import Logging
import Transport

/// Asks upstreams until one answers, as `AttemptPlan` decides. Until then, nothing is sent to the caller.
struct Attempts {
    let limits: Limits
    let transport: any HTTPTransport
    let signer: RequestSigner
    let timers: any Timers
    let logger: Logger
    /// The time in milliseconds since 1970.
    let now: @Sendable () -> Int64
    /// A number from 0 up to, but not including, 1.
    let random: @Sendable () -> Double
    let refusals = UsageRefusals()

    func answer(_ request: UpstreamRequest, along route: Route) async -> Outcome {
        defer { request.letGo() }
        var routes = [route] + route.fallbacks
        var plan = AttemptPlan(
            routes.map { AttemptRules($0.server, random) }, until: request.context.deadline, at: now())
        var candidate = plan.start()
        while true {
            let result = await ask(request, &routes[candidate.server], candidate.url) { plan.timeLeft(at: now()) }
            let route = routes[candidate.server]
            guard let failure = failure(in: result, of: route.server),
                case .send(let next, let wait) = plan.next(after: failure, at: now(), random: random())
            else { return result }
            log(result, request.context.record, route, routes[next.server], wait)
            if wait > 0,
                let error = await pause(wait, request.context.cancellation, before: routes[next.server].server.name)
            {
                return .failure(error)
            }
            candidate = next
        }
    }

    private func ask(
        _ request: UpstreamRequest, _ route: Route, _ urlIndex: Int, _ timeLeft: () -> RemainingTime
    ) async -> Outcome {
        do throws(ProxyError) {
            let translation = try request.translated(for: route)
            // The store may take a second to answer.
            try request.checkTime(timeLeft(), for: route)
            try await limits.admit(request.context.reservation, along: route)
            let timeLeft = timeLeft()
            let sent = try request.sent(along: route, as: translation, to: urlIndex, within: timeLeft)
            let url = route.server.urls[urlIndex]
            return .success(try await send(sent, as: translation, to: url, for: request, route, timeLeft))
        } catch {
            return .failure(error)
        }
    }

    private func send(
        _ sent: TransportRequest, as translation: Translation?, to url: WeightedURL, for request: UpstreamRequest,
        _ route: Route, _ timeLeft: RemainingTime
    ) async throws(ProxyError) -> ProxyResponse {
        // Read here, because the closure below lives as long as the stream and would keep the request.
        let limits = sent.limits
        let reservation = request.context.reservation
        do throws(ProxyError) {
            let response =
                if let translation {
                    try await open(sent, as: translation, to: url, for: request, route)
                } else {
                    try await open(sent, to: url, for: request, route)
                }
            var hasWork = ModelWork.mayHaveBegun(response.status.code, on: route)
            defer { if hasWork { reservation.hasWork(at: route.server) } }
            let answer = try await Relay.answer(
                response, for: route, meter: request.meter, asksForStream: request.mayStream,
                hidesUsage: request.hidesUsage(on: route)
            ) { timeLeft.explains($0, within: limits) }
            if case .stream = answer {
                reservation.hasWork(at: route.server, unlessRefusedIn: request.meter)
                hasWork = false
            } else if let sign = request.meter.workInError {
                hasWork = sign == .begun
            }
            if let usage = request.meter.usageInError { request.context.record.noteErrorUsage(usage) }
            return answer
        } catch {
            guard case .upstreamFailed(let server, let cause) = error else { throw error }
            if ModelWork.mayHaveBegun(cause) { reservation.hasWork(at: route.server) }
            if cause.leavesWork { request.context.record.leavesWork() }
            guard timeLeft.explains(cause, within: limits) else { throw error }
            throw .deadlineExceeded(server: server)
        }
    }

    /// Signs the request if its URL needs that, and sends it.
    func open(
        _ sent: TransportRequest, to url: WeightedURL, for request: UpstreamRequest, _ route: Route
    ) async throws(ProxyError) -> TransportResponse {
        var sent = sent
        try signer.sign(&sent, for: url, of: route.server)
        do throws(TransportError) {
            let response = try await transport.open(sent)
            request.meter.noteAttempt()
            return response
        } catch {
            throw .upstreamFailed(server: route.server.name, error)
        }
    }

    private func pause(_ milliseconds: Int, _ cancellation: Cancellation, before server: String) async -> ProxyError? {
        do throws(TransportError) {
            try await timers.sleep(for: milliseconds, cancellation)
            return nil
        } catch {
            return .upstreamFailed(server: server, error)
        }
    }
}

// MARK: - Servers that refuse to report usage

extension Attempts {
    /// If a server refuses only the request for usage, asks it once more without that. The refused request has done no
    /// work, and the proxy caused the refusal, so it doesn't count as one of the plan's tries.
    private func ask(
        _ request: UpstreamRequest, _ route: inout Route, _ urlIndex: Int, _ timeLeft: () -> RemainingTime
    ) async -> Outcome {
        refusals.apply(to: &route, at: now())
        let first = await ask(request, route, urlIndex, timeLeft)
        if route.hasRefusedUsage { note(first, request, route.server.name) }
        guard request.wasRefusedForUsage(first, on: route) else { return first }
        log(first, request.context.record, route, route, 0)
        (route.asksForUsage, route.hasRefusedUsage) = (false, true)
        let second = await ask(request, route, urlIndex, timeLeft)
        note(second, request, route.server.name)
        return second
    }

    /// Only a stream in response to the second request shows that the server refuses the option, not the request.
    private func note(_ result: Outcome, _ request: UpstreamRequest, _ server: String) {
        guard case .success(.stream(let prelude, _)) = result,
            MediaType(prelude.fields.value(of: .contentType)).isEventStream
        else { return }
        guard refusals.note(server, at: now()) else { return }
        logger.warning(
            "a server refuses stream_options, so the usage of its streams is estimated; set 'stream_usage: off' for it",
            metadata: ["request": "\(request.context.record.id)", "server": "\(server)"])
    }
}

// MARK: - Failures

extension Attempts {
    /// Nil if this result is final. A stream always is: its first bytes may have been sent already.
    private func failure(in result: Outcome, of server: Server) -> FailedAttempt? {
        switch result {
        case .failure(let error): FailedAttempt(error, of: server)
        case .success(.whole(let prelude, _)) where prelude.status.code >= 400:
            FailedAttempt(prelude, of: server, at: now())
        case .success: nil
        }
    }

    private func log(_ result: Outcome, _ record: RequestRecord, _ route: Route, _ next: Route, _ wait: Int) {
        let reason: String
        switch result {
        case .failure(let error): reason = "\(error.code): \(error.detail)"
        case .success(.whole(let prelude, _)), .success(.stream(let prelude, _)): reason = "\(prelude.status.code)"
        }
        logger.info(
            "an attempt has failed and another follows",
            metadata: [
                "request": "\(record.id)", "server": "\(route.server.name)", "attempt": "\(record.attempts)",
                "error": "\(LogText(reason, longest: 300, without: record.keys, guesses: false).text)",
                "next": "\(next.server.name)", "wait": "\(wait)",
            ])
    }
}
