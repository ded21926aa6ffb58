import NIOCore
import NIOHTTP1

/// Collects the requests of one connection to the function URL, and passes each to the gateway.
final class CallerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let gateway: Gateway
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false
    /// The caller whose response is being written.
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
            isTooLarge = length > gateway.bodyLimit
            allowBody(of: head, context: context)
        case .body(let bytes):
            // A body that is too large is still read to its end, because a client that is sending may not read a
            // response.
            isTooLarge = isTooLarge || body.count + bytes.readableBytes > gateway.bodyLimit
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

    /// Sends `100 Continue`. Some clients, such as curl, wait a second for it before they send a large body.
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

/// Writes the response to one caller, and tells when to pause.
///
/// Confined to the event loop.
final class Caller {
    let method: String
    /// The request's `Accept` header.
    let accept: String?
    private let channel: any Channel
    private let version: HTTPVersion
    /// HTTP/1.0 has no chunks.
    private var isChunkable: Bool { version == .http1_1 }
    private let keepAlive: Bool
    /// The headers that AWS adds to the function's own.
    var extraFields: [HeaderField] = []
    /// Whether the function's own CORS headers are dropped.
    var replacesCORS = false
    private var mayHaveBody = true
    private var hasEnded = false
    private var closesAtEnd = false
    /// Called when the caller accepts bytes again, and when it has disconnected.
    var onWritable: (() -> Void)?

    init(_ head: HTTPRequestHead, channel: any Channel) {
        self.method = head.method.rawValue
        self.accept = head.headers.first(name: "accept")
        self.channel = channel
        self.version = head.version
        keepAlive = head.isKeepAlive
    }

    var isGone: Bool { !channel.isActive }

    /// Also true if the caller has disconnected: as on AWS, the runtime isn't told, and its bytes are discarded.
    var isWritable: Bool { isGone || channel.isWritable }

    func send(_ head: ResponseHead) {
        let length = head.length
        mayHaveBody = head.mayHaveBody(toMethod: method)
        let own = head.headers.filter { !replacesCORS || !$0.name.lowercased().hasPrefix("access-control-") }
        var headers = HTTPHeaders((own + extraFields).map { ($0.name, $0.value) })
        // A response to HEAD, and a 204 or 304, ends with its head (RFC 9112, section 6.3).
        if mayHaveBody {
            if let length {
                headers.add(name: "content-length", value: String(length))
            } else if isChunkable {
                headers.add(name: "transfer-encoding", value: "chunked")
            }
        }
        closesAtEnd = !willKeepAlive(length: length)
        if closesAtEnd {
            headers.add(name: "connection", value: "close")
        } else if !isChunkable {
            headers.add(name: "connection", value: "keep-alive")
        }
        let status = HTTPResponseStatus(statusCode: head.status)
        write(.head(HTTPResponseHead(version: version, status: status, headers: headers)))
    }

    func send(_ bytes: [UInt8]) {
        guard mayHaveBody, !bytes.isEmpty else { return }
        write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
    }

    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        letGo()
        guard closesAtEnd else { return write(.end(nil)) }
        let channel = channel
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
    }

    /// Sends a whole response.
    func respond(_ head: ResponseHead, body: [UInt8]) {
        var head = head
        head.length = body.count
        send(head)
        send(body)
        end()
    }

    /// Closes the connection without an end, so that the client can tell that the response is incomplete.
    func abort() {
        guard !hasEnded else { return }
        hasEnded = true
        letGo()
        channel.close(promise: nil)
    }

    /// Resumes the runtime if it was paused for this caller.
    private func letGo() {
        let resume = onWritable
        onWritable = nil
        resume?()
    }

    /// HTTP/1.0 has no chunks, so a response of unknown length ends with the connection.
    private func willKeepAlive(length: Int?) -> Bool {
        keepAlive && (length != nil || isChunkable || !mayHaveBody)
    }

    private func write(_ part: HTTPServerResponsePart) {
        guard !isGone else { return }
        channel.writeAndFlush(part, promise: nil)
    }
}
