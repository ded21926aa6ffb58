package import AWSSignature
import HTTPTypes
package import LambdaRuntime
package import Logging
package import Transport

/// The path of a request from the event to the response, one line for each step.
package struct Proxy: InvocationHandler {
    private let doors: FrontDoors
    private let cors: CORS
    private let access: Access
    private let pages: WebPages
    private let me: CallerEndpoint
    private let catalog: ModelCatalog
    private let router: Router
    private let limits: Limits
    private let cache: ResponseCache
    private let attempts: Attempts
    /// Each open request has a branch of it.
    private let openRequests = Cancellation()
    let timers: any Timers
    private let recorder: Recorder
    private let logger: Logger
    /// Reserved at the end of an invocation, in milliseconds.
    private let margin: Int
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - store: where usage is counted.
    ///   - credentials: the function's own, for servers whose requests are signed.
    ///   - now: the time in milliseconds since 1970, on the clock of the invocation's deadline.
    ///   - random: a number from 0 up to, but not including, 1.
    ///   - cacheLayers: the slow layers of the cache, which the table names.
    ///   - playground: the page at `/playground`; nil for none.
    package init(
        _ table: ServerTable, over transport: any HTTPTransport, timers: any Timers, store: any LimitStore,
        logger: Logger, recorder: Recorder, credentials: @escaping @Sendable () -> AWSCredentials? = { nil },
        now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        cacheLayers: [CacheLayerName: any CacheLayer] = [:], playground: (@Sendable () -> WebPage)? = nil
    ) {
        access = Access(table, TokenAccess(table.settings, over: transport, timers, logger, now: now))
        margin = table.settings.deadlineMargin
        pages = WebPages(playground: playground)
        let servers = table.servers.map { UpstreamServer($0, credentials) }
        let models = ModelNames(table.settings, servers, random: random)
        catalog = ModelCatalog(models)
        router = Router(servers, models)
        limits = Limits(table.settings, store, logger)
        me = CallerEndpoint(servers, models, limits)
        doors = FrontDoors(restAPIStreams: table.settings.frontDoors.restAPIStreams)
        cors = CORS(table.settings.frontDoors.allowedOrigins)
        self.logger = logger
        cache = ResponseCache(table.settings, cacheLayers, limits, timers, logger, now: now)
        attempts = Attempts(
            limits: limits, transport: transport, signer: RequestSigner(credentials: credentials, now: now),
            timers: timers, logger: logger, now: now, random: random)
        self.timers = timers
        self.recorder = recorder
        self.now = now
    }

    package func handle(_ invocation: Invocation, _ writer: consuming ResponseWriter) async -> Delivery {
        let event = OpenedEvent(doors.open(invocation.payload.take()))
        guard !event.isPing else {
            logger.debug("an event that only keeps the function warm", metadata: ["id": "\(invocation.id)"])
            return await writer.send(document: HealthEndpoint.body)
        }
        let cancellation = openRequests.branch()
        defer { openRequests.close(cancellation) }
        let context = RequestContext(invocation, event.door, cancellation, margin: margin, at: now())
        let delivery = await answer(event, context, writer)
        if delivery != .accepted { await cache.finish(context) }
        context.record.note(delivery)
        context.record.storeFailed = context.reservation.storeFailure != nil
        let spent = RequestUsage(context.record)
        // The record is written before the store is updated: at the deadline there may be no time to wait for the
        // store.
        recorder.write(context.record, spent, at: now())
        let server = spent?.server ?? context.record.server?.name
        if let uncounted = await limits.settle(context.reservation, server: server, spent?.usage ?? Usage()) {
            recorder.write(uncounted, of: context.record, at: now())
        }
        await cache.store(context, isDelivered: delivery == .accepted)
        return delivery
    }

    private func answer(
        _ event: OpenedEvent, _ context: RequestContext, _ writer: consuming ResponseWriter
    ) async -> Delivery {
        switch await prepare(event, context) {
        case .refused(let error): return await writer.fail(error)
        case .known(let outcome): return await deliver(outcome, context, writer)
        case .asks(let upstream, let route):
            guard context.door.streams, let silence = upstream.longestSilence(on: route) else {
                return await deliver(outcome(of: upstream, along: route), context, writer)
            }
            return await deliver(upstream, route, context, writer, noLaterThan: silence)
        }
    }

    /// Everything that happens before an upstream is asked, one line for each step. Limits are checked later, for each
    /// server that is asked.
    ///
    /// Not inlined, because its variables would then stay in the task's memory for as long as the stream.
    @inline(never)
    private func prepare(_ event: OpenedEvent, _ context: RequestContext) async -> Step {
        guard !event.fitsNoDoor else {
            let error = ProxyError.invalidEvent(event.refusal)
            context.record.fails(Failure(error))
            return .refused(InvocationError("InvalidEvent", error.detail))
        }
        do throws(ProxyError) {
            let request = try event.request()
            context.record.note(request)
            let keys = Access.presentedKeys(request.fields)
            context.record.keys = access.secrets(keys)
            if let answer = cors.answer(request, through: context) { return .known(.success(answer)) }
            guard !request.hasTooManyFields else { throw .fieldsTooLarge }
            let target = try RequestTarget(path: request.path, query: request.query).without(context.record.keys)
            if let answer = try HealthEndpoint.answer(request.method, target, context.record) {
                return .known(.success(answer))
            }
            if let page = try pages.answer(request, target, context.record) { return .known(.success(page)) }
            let caller = try await access.admit(
                request.fields, from: request.sender, presenting: keys, for: context.timed, at: now())
            context.isFrom(caller)
            if let answer = try await me.answer(request.method, target, for: caller, context) {
                return .known(.success(answer))
            }
            let destination = try router.destination(request.method, target, for: caller)
            if let answer = try catalog.answer(destination, for: caller, context.record) {
                return .known(.success(answer))
            }
            let body = try RequestBody(
                request.body, encoding: request.fields.value(of: .contentEncoding), as: destination.bodyRule,
                deployment: destination.deployment, mayStream: context.door != .directInvocation)
            context.record.note(body)
            let open = try router.route(to: destination, body, for: caller)
            let meter = Meter(
                requestBytes: request.body.count, binaryBytes: body.restrictedFeatures.binaryBytes, now: now)
            context.record.note(open, meter)
            let route = try caller.permitted(open, target, body)
            if let answer = try catalog.answer(target, along: route) { return .known(.success(answer)) }
            return .asks(UpstreamRequest(request, body, meter, context), route)
        } catch {
            context.record.isRefused()
            return .known(.failure(error))
        }
    }

    /// From the cache, or else from a server.
    func outcome(of request: UpstreamRequest, along route: Route) async -> Outcome {
        await cache.answer(request, along: route) { await attempts.answer(request, along: route) }
    }

    /// Cancels all open requests and those that begin later, because the process ends.
    package func cancelAll() { openRequests.cancel("the process ends") }
}

/// What to do with a request that has been checked.
private enum Step {
    /// The event isn't an HTTP request.
    case refused(InvocationError)
    /// No upstream has to be asked.
    case known(Outcome)
    case asks(UpstreamRequest, Route)
}

/// The state of one request, from its event to its record.
struct RequestContext {
    let invocation: Invocation
    let door: FrontDoor
    let record: RequestRecord
    let reservation: QuotaReservation
    /// What cancels what the request waits for, and when its response must be there, so that it can be sent before the
    /// invocation ends.
    let timed: TimedRequest

    var cancellation: Cancellation { timed.cancellation }
    /// In milliseconds since 1970; nil for no limit.
    var deadline: Int64? { timed.deadline }

    /// Sets the caller in the record and the reservation.
    func isFrom(_ caller: Caller) {
        record.caller = caller
        reservation.caller = caller
    }

    /// - Parameters:
    ///   - margin: reserved at the end of the invocation, in milliseconds.
    ///   - now: in milliseconds since 1970.
    init(_ invocation: Invocation, _ door: FrontDoor, _ cancellation: Cancellation, margin: Int, at now: Int64) {
        self.invocation = invocation
        self.door = door
        let ends = [invocation.deadline.map { $0 - Int64(margin) }, door.patience.map { now + $0 }]
        timed = TimedRequest(cancellation: cancellation, deadline: ends.compactMap { $0 }.min())
        record = RequestRecord(invocation, door, at: now)
        reservation = QuotaReservation(requestID: invocation.id, deadline: invocation.deadline, timed)
    }
}
