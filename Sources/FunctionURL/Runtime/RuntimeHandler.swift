import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens for one environment's Runtime API, on an ephemeral loopback port.
enum RuntimeServer {
    static func bind(_ environment: Environment, loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let environment = NIOLoopBound(environment, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Pipelining assistance would stop reading while a poll is open. Then a runtime that closes its
                    // poll's connection would go unnoticed.
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(
                        RuntimeHandler(environment.value, channel: channel))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0)
    }
}

/// Serves one connection of a runtime to the Runtime API.
final class RuntimeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// How the request that is being received is handled.
    private enum Exchange {
        case idle
        case poll
        case extensionPoll
        /// The bytes are a response, and go to the caller.
        case answer(Invocation)
        /// The bytes are ignored. At their end the runtime gets this reply.
        case discard(RuntimeReply)
        case report(Invocation?, typeHeader: String?, [UInt8])
    }

    private static let longestReport = 1 << 20

    /// The environment's generation when this connection was accepted.
    let generation: Int
    private let environment: Environment
    private let channel: any Channel
    private var exchange = Exchange.idle

    init(_ environment: Environment, channel: any Channel) {
        self.environment = environment
        self.generation = environment.generation
        self.channel = channel
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): exchange = begin(head)
        case .body(let bytes): receive([UInt8](buffer: bytes))
        case .end(let trailers): finish(trailers: trailers.map { $0.map { HeaderField($0.name, $0.value) } } ?? [])
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        environment.cancelPoll(self)
        if case .answer(let invocation) = exchange {
            exchange = .idle
            environment.fail(invocation, .truncated)
        }
        context.fireChannelInactive()
    }

    /// Sends an invocation as the response to a poll.
    func deliver(_ invocation: Invocation, deadline: Int, functionARN: String) {
        let identity = invocation.identity
        let headers: HTTPHeaders = [
            "Content-Type": "application/json",
            "Content-Length": String(invocation.event.count),
            "Lambda-Runtime-Aws-Request-Id": identity.requestID,
            "Lambda-Runtime-Invocation-Id": identity.nonce,
            "Lambda-Runtime-Deadline-Ms": String(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": functionARN,
            "Lambda-Runtime-Trace-Id": identity.traceID,
        ]
        write(status: .ok, headers: headers, body: invocation.event)
    }

    func reply(_ reply: RuntimeReply) {
        var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(reply.body.utf8.count))
        write(status: HTTPResponseStatus(statusCode: reply.status), headers: headers, body: Array(reply.body.utf8))
    }

    private func begin(_ head: HTTPRequestHead) -> Exchange {
        let fields = head.headers.map { HeaderField($0.name, $0.value) }
        switch RuntimeRoute(method: head.method.rawValue, target: head.uri) {
        case .next: return .poll
        case .response(let id): return beginResponse(id, fields)
        case .error(let id):
            do {
                let invocation = try environment.invocation(id, nonce: fields.first(nonceName))
                guard !invocation.isResponding else {
                    environment.log.note("\(invocation.label): \(lateErrorWarning)")
                    return .discard(.alreadyAnswered)
                }
                return .report(invocation, typeHeader: fields.first(errorTypeName), [])
            } catch {
                return .discard(error)
            }
        case .initError: return .report(nil, typeHeader: fields.first(errorTypeName), [])
        case .extensionRegister: return .discard(environment.registerExtension(name: fields.first(extensionName)))
        case .extensionNext:
            let isKnown = environment.isExtension(fields.first(extensionIDName))
            return isKnown ? .extensionPoll : .discard(.unknownExtension)
        case .unknown: return .discard(.unknownEndpoint)
        }
    }

    private func beginResponse(_ id: String, _ fields: [HeaderField]) -> Exchange {
        let invocation: Invocation
        do {
            invocation = try environment.invocation(id, nonce: fields.first(nonceName))
        } catch {
            return .discard(error)
        }
        do {
            guard invocation.beginResponse(try ResponseAssembly.Format(fields)) else {
                return .discard(.alreadyAnswered)
            }
        } catch {
            environment.fail(invocation, error)
            return .discard(.refusing(error))
        }
        let channel = channel
        invocation.caller.onWritable = { try? channel.syncOptions?.setOption(.autoRead, value: true) }
        return .answer(invocation)
    }

    private func receive(_ bytes: [UInt8]) {
        switch exchange {
        case .answer(let invocation):
            do {
                try invocation.receive(bytes, log: environment.log)
                pauseIfFull(invocation)
            } catch {
                environment.fail(invocation, error)
                exchange = .discard(.refusing(error))
            }
        case .report(let invocation, let typeHeader, let before) where before.count < Self.longestReport:
            exchange = .report(invocation, typeHeader: typeHeader, before + bytes)
        case .report, .idle, .poll, .extensionPoll, .discard:
            break
        }
    }

    /// Stops reading if the caller is slow. The runtime's socket then fills up, which slows the runtime down.
    private func pauseIfFull(_ invocation: Invocation) {
        guard invocation.isResponding, !invocation.hasLeft, !invocation.caller.isWritable else { return }
        try? channel.syncOptions?.setOption(.autoRead, value: false)
    }

    private func finish(trailers: [HeaderField]) {
        let finished = exchange
        exchange = .idle
        switch finished {
        case .idle: break
        case .poll: environment.poll(self)
        // Left open: a runtime's internal extension waits only for the shutdown, which comes as a signal.
        case .extensionPoll: break
        case .answer(let invocation): reply(environment.finish(invocation, trailers: trailers))
        case .discard(let reply): self.reply(reply)
        case .report(let invocation, let typeHeader, let bytes):
            environment.report(RuntimeError(report: bytes, typeHeader: typeHeader), about: invocation)
            reply(.accepted)
        }
    }

    private func write(status: HTTPResponseStatus, headers: HTTPHeaders, body: [UInt8]) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }
}

private let lateErrorWarning =
    "the runtime posted to /error while its /response is open, which on AWS blocks until the timeout: use trailers"
private let nonceName = "lambda-runtime-invocation-id"
private let errorTypeName = "lambda-runtime-function-error-type"
private let extensionIDName = "lambda-extension-identifier"
private let extensionName = "lambda-extension-name"
