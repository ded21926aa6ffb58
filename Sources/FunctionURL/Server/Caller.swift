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
    private var isChunkable: Bool { self.version == .http1_1 }
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
        self.keepAlive = head.isKeepAlive
    }

    var isGone: Bool { !self.channel.isActive }

    /// A caller that has gone away takes everything: on AWS the runtime isn't told.
    var isWritable: Bool { self.isGone || self.channel.isWritable }

    func send(_ head: AnswerHead, length: Int? = nil) {
        self.mayHaveBody = head.mayHaveBody(toMethod: self.method)
        var headers = HTTPHeaders((head.headers + self.extraFields).map { ($0.name, $0.value) })
        // An answer to HEAD, and a 204 or 304, is framed by its head alone (RFC 9112, section 6.3).
        if self.mayHaveBody {
            if let length {
                headers.add(name: "content-length", value: String(length))
            } else if self.isChunkable {
                headers.add(name: "transfer-encoding", value: "chunked")
            }
        }
        self.closesAtEnd = !self.willKeepAlive(length: length)
        if self.closesAtEnd {
            headers.add(name: "connection", value: "close")
        } else if !self.isChunkable {
            headers.add(name: "connection", value: "keep-alive")
        }
        let status = HTTPResponseStatus(statusCode: head.status)
        self.write(.head(HTTPResponseHead(version: self.version, status: status, headers: headers)))
    }

    func send(_ bytes: [UInt8]) {
        guard self.mayHaveBody, !bytes.isEmpty else { return }
        self.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
    }

    func end() {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.letGo()
        guard self.closesAtEnd else { return self.write(.end(nil)) }
        let channel = self.channel
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
    }

    /// A whole answer.
    func respond(_ head: AnswerHead, body: [UInt8]) {
        self.send(head, length: body.count)
        self.send(body)
        self.end()
    }

    /// Breaks the connection off, so that no one takes what has come for all there is.
    func abort() {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.letGo()
        self.channel.close(promise: nil)
    }

    /// Whoever paused for this caller goes on.
    private func letGo() {
        let resume = self.onWritable
        self.onWritable = nil
        resume?()
    }

    /// Without chunks the end of an HTTP/1.0 answer of unknown length is the end of the connection.
    private func willKeepAlive(length: Int?) -> Bool {
        self.keepAlive && (length != nil || self.isChunkable || !self.mayHaveBody)
    }

    private func write(_ part: HTTPServerResponsePart) {
        guard !self.isGone else { return }
        self.channel.writeAndFlush(part, promise: nil)
    }
}
