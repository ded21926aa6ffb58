import NIOCore
import NIOHTTP1

/// One caller waiting for one answer: writes it, and knows when to pause.
///
/// Lives on the event loop, like all that follows an invocation.
final class Caller {
    let method: String
    private let channel: any Channel
    private let version: HTTPVersion
    /// HTTP/1.0 knows no chunks.
    private var isChunkable: Bool { version == .http1_1 }
    private let keepAlive: Bool
    /// What AWS adds to the function's own headers.
    var extraFields: [HeaderField] = []
    private var mayHaveBody = true
    private var hasEnded = false
    private var closesAtEnd = false
    /// Called when the caller takes bytes again, and when there is no one left to slow down for.
    var onWritable: (() -> Void)?

    init(_ head: HTTPRequestHead, channel: any Channel) {
        self.method = head.method.rawValue
        self.channel = channel
        self.version = head.version
        keepAlive = head.isKeepAlive
    }

    var isGone: Bool { !channel.isActive }

    /// A caller that has gone away takes everything: on AWS the runtime isn't told.
    var isWritable: Bool { isGone || channel.isWritable }

    func send(_ head: AnswerHead, length: Int? = nil) {
        mayHaveBody = head.mayHaveBody(toMethod: method)
        var headers = HTTPHeaders((head.headers + extraFields).map { ($0.name, $0.value) })
        // An answer to HEAD, and a 204 or 304, is framed by its head alone (RFC 9112, section 6.3).
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

    /// A whole answer.
    func respond(_ head: AnswerHead, body: [UInt8]) {
        send(head, length: body.count)
        send(body)
        end()
    }

    /// Breaks the connection off, so that no one takes what has come for all there is.
    func abort() {
        guard !hasEnded else { return }
        hasEnded = true
        letGo()
        channel.close(promise: nil)
    }

    /// Whoever paused for this caller goes on.
    private func letGo() {
        let resume = onWritable
        onWritable = nil
        resume?()
    }

    /// Without chunks the end of an HTTP/1.0 answer of unknown length is the end of the connection.
    private func willKeepAlive(length: Int?) -> Bool {
        keepAlive && (length != nil || isChunkable || !mayHaveBody)
    }

    private func write(_ part: HTTPServerResponsePart) {
        guard !isGone else { return }
        channel.writeAndFlush(part, promise: nil)
    }
}
