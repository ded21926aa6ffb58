import NIOCore
import NIOHTTP1
import NIOPosix

/// The running program: the function URL's listener and the fleet of environments.
///
/// Everything runs on one thread, which lives as long as the program. So nothing needs a lock, and no child dies early:
/// a child dies with the thread that started it.
final class FunctionURLServer: Sendable {
    /// The address that callers use.
    let address: SocketAddress
    private let loop: any EventLoop
    private let listener: any Channel
    private let fleet: NIOLoopBound<Fleet>

    /// Binds the port. If that fails, nothing is started.
    init(settings: Settings, log: Log) throws {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let fleet = try loop.submit { NIOLoopBound(Fleet(settings: settings, log: log, loop: loop), eventLoop: loop) }
            .wait()
        let listener = try Self.bind(settings: settings, fleet: fleet, log: log, loop: loop)
        guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        try loop.submit { fleet.value.prepare() }.wait()
        self.loop = loop
        self.fleet = fleet
        self.listener = listener
        self.address = address
    }

    /// Ends the processes, then returns.
    func stop() throws {
        listener.close(promise: nil)
        try loop.flatSubmit { self.fleet.value.stop() }.wait()
    }

    private static func bind(
        settings: Settings, fleet: NIOLoopBound<Fleet>, log: Log, loop: any EventLoop
    ) throws -> any Channel {
        let gateway = try loop.submit {
            NIOLoopBound(Gateway(settings: settings, fleet: fleet.value, log: log), eventLoop: loop)
        }.wait()
        // `Caller` adds the framing headers, because the encoder doesn't know that a response is for a HEAD request.
        var encoder = HTTPResponseEncoder.Configuration()
        encoder.automaticallySetFramingHeaders = false
        return try ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [encoder] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withEncoderConfiguration: encoder)
                    try channel.pipeline.syncOperations.addHandler(CallerHandler(gateway.value))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: settings.host, port: settings.port)
            .wait()
    }
}

extension SocketAddress {
    /// The address as written in a URL.
    var urlHost: String {
        let host = self.ipAddress ?? "localhost"
        return self.protocol == .inet6 ? "[\(host)]" : host
    }
}

/// The function URL itself: decides whether a request gets a response of AWS's own or becomes an invocation.
///
/// Confined to the event loop.
final class Gateway {
    private let settings: Settings
    private let fleet: Fleet
    private let log: Log

    init(settings: Settings, fleet: Fleet, log: Log) {
        self.settings = settings
        self.fleet = fleet
        self.log = log
    }

    func handle(_ request: CallerRequest, isTooLarge: Bool, from caller: Caller) {
        if let preflight = settings.cors?.preflightResponse(method: request.method, headers: request.headers) {
            return caller.respond(preflight, body: [])
        }
        caller.extraFields = settings.cors?.responseFields(origin: request.headers.first("origin")) ?? []
        let identity = InvocationIdentity(request)
        caller.extraFields.append(HeaderField("x-amzn-requestid", identity.requestID))
        let label = "\(request.method) \(request.rawPath)"
        let event = isTooLarge ? nil : event(for: request, identity)
        guard let event, event.count <= Settings.requestLimit else {
            log.note("\(label): \(Failure.requestTooLarge.sentence)")
            let (head, body) = Failure.requestTooLarge.answer
            return caller.respond(head, body: body)
        }
        fleet.submit(Invocation(identity, event: event, caller: caller, label: label))
    }

    /// Nil if the request can't be encoded as an event. No valid HTTP request causes that.
    private func event(for request: CallerRequest, _ identity: InvocationIdentity) -> [UInt8]? {
        try? FunctionURLEvent(
            request, requestID: identity.requestID, traceID: identity.traceID,
            epochMilliseconds: identity.epochMilliseconds, region: settings.region
        ).encoded()
    }
}
