import NIOCore
import NIOHTTP1
import NIOPosix

/// The running program: one thread, the function URL's listener and the fleet behind it.
///
/// One thread, because then nothing here needs a lock, and because children die with the thread that started them.
final class FunctionURLServer: Sendable {
    /// The address that callers use.
    let address: SocketAddress
    private let loop: any EventLoop
    private let listener: any Channel
    private let fleet: NIOLoopBound<Fleet>

    /// Binds the port; nothing is started if that fails.
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
        // Who frames an answer knows what the encoder can't: that it is for a HEAD.
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
