import NIOCore
import NIOHTTP1
import NIOPosix

/// The running program: the door's listener and the fleet of environments.
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

/// The door itself: decides whether a request gets a response of AWS's own or becomes an invocation.
///
/// Confined to the event loop.
final class Gateway {
    private let settings: Settings
    private let fleet: Fleet
    private let log: Log
    private let door: any Door
    private let cors: CORSConfiguration?
    private var usagePlan: UsagePlan?
    var bodyLimit: Int { door.bodyLimit }

    init(settings: Settings, fleet: Fleet, log: Log) {
        self.settings = settings
        self.fleet = fleet
        self.log = log
        door = settings.door
        cors = settings.cors.flatMap(settings.door.cors)
        usagePlan = settings.usagePlan
    }

    func handle(_ request: CallerRequest, isTooLarge: Bool, from caller: Caller) {
        if let preflight = cors?.preflightResponse(method: request.method, headers: request.headers) {
            return caller.respond(preflight, body: [])
        }
        let identity = InvocationIdentity(request)
        caller.extraFields = cors?.responseFields(origin: request.headers.first("origin")) ?? []
        caller.extraFields += door.fields(requestID: identity.requestID)
        caller.replacesCORS = cors?.replacesFunctionFields ?? false
        let label = "\(request.method) \(request.rawPath)"
        do {
            let event = try event(of: request, identity, isTooLarge: isTooLarge)
            fleet.submit(Invocation(identity, event: event, caller: caller, label: label, door: door))
        } catch {
            log.note("\(label): \(error.sentence)")
            let (head, body) = door.answer(to: error)
            caller.respond(head, body: body)
        }
    }

    private func event(
        of request: CallerRequest, _ identity: InvocationIdentity, isTooLarge: Bool
    ) throws(Failure) -> [UInt8] {
        let key = try usagePlan?.admit(request, at: identity.epochMilliseconds) ?? nil
        let arrival = Arrival(identity, region: settings.region, apiKey: key)
        // Every valid HTTP request can be encoded.
        guard !isTooLarge, let event = try? door.event(of: request, arrival), event.count <= Settings.requestLimit
        else { throw .requestTooLarge }
        return event
    }
}
