import NIOCore
import NIOHTTP1

/// Gathers the requests of one connection to the function URL and hands each to the gateway.
final class CallerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let gateway: Gateway
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false
    /// Who waits for the answer that is being written.
    private var caller: Caller?

    init(_ gateway: Gateway) {
        self.gateway = gateway
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            isTooLarge = length > Settings.requestLimit
            allowBody(of: head, context: context)
        case .body(let bytes):
            // What is too large is read to its end all the same: who is still sending doesn't hear an answer.
            isTooLarge = isTooLarge || body.count + bytes.readableBytes > Settings.requestLimit
            if isTooLarge { body = [] } else { body += bytes.readableBytesView }
        case .end:
            finish(context: context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { caller?.onWritable?() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        caller?.onWritable?()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// curl, for one, waits a second for this before it sends a large body.
    private func allowBody(of head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard head.version == .http1_1, head.headers[canonicalForm: "expect"].contains("100-continue") else { return }
        let proceed = HTTPResponseHead(version: head.version, status: .continue)
        context.writeAndFlush(Self.wrapOutboundOut(.head(proceed)), promise: nil)
    }

    private func finish(context: ChannelHandlerContext) {
        guard let head else { return }
        var request = CallerRequest(
            method: head.method.rawValue, target: head.uri, version: "HTTP/\(head.version.major).\(head.version.minor)",
            headers: head.headers.map { HeaderField($0.name, $0.value) }, body: body)
        request.sourceIP = context.channel.remoteAddress?.ipAddress ?? request.sourceIP
        request.port = context.channel.localAddress?.port ?? request.port
        self.head = nil
        body = []
        let caller = Caller(head, channel: context.channel)
        self.caller = caller
        gateway.handle(request, isTooLarge: isTooLarge, from: caller)
    }
}
