import NIOCore
import NIOHTTP1
import NIOPosix

/// The listening side of one environment's Runtime API, on an ephemeral loopback port.
enum RuntimeServer {
    static func bind(_ environment: Environment, loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let environment = NIOLoopBound(environment, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Without its help against pipelining, which stops reading while a poll is open: a runtime that
                    // gives up a poll must be noticed.
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(
                        RuntimeHandler(environment.value, channel: channel))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0)
    }
}
