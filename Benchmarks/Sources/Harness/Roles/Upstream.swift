/// The provider: reads a request, and answers with the work's chunks.
final class Upstream: ConnectionRole {
    private(set) var work: Work
    let reactor: Reactor
    private(set) var chunksSent = 0
    /// Streams end at their next chunk.
    private(set) var isOver = false
    private var answers: [ObjectIdentifier: UpstreamAnswer] = [:]
    private var listener: Listener?
    private(set) var chunk: [UInt8]
    private var plainAnswer: [UInt8]
    private var bodyBytes = 0
    private var isChat = false

    init(_ work: Work, _ reactor: Reactor) throws(Fault) {
        self.work = work
        self.reactor = reactor
        chunk = Payload.chunk(bytes: work.chunkBytes)
        plainAnswer = Payload.plainAnswer(bytes: work.plainBytes)
        listener = try Listener(reactor) { [unowned self] connection in
            connection.role = self
            answers[ObjectIdentifier(connection)] = UpstreamAnswer(connection, self)
        }
    }

    var port: UInt16 { listener?.port ?? 0 }

    /// Between two chunks, in nanoseconds. What only warms up isn't paced, but each chunk comes by itself all the same.
    var interval: UInt64 { isWarmingUp ? 0 : work.interval }
    var isLockStep: Bool { work.isLockStep || isWarmingUp && work.interval > 0 }
    var isWarmingUp = false

    func finish() { isOver = true }

    func countChunk() { chunksSent += 1 }

    /// Other work from now on; what was done for the old doesn't count.
    func change(to work: Work) {
        self.work = work
        chunk = Payload.chunk(bytes: work.chunkBytes)
        plainAnswer = Payload.plainAnswer(bytes: work.plainBytes)
        chunksSent = 0
    }

    /// For lock step, with one stream.
    func sendNextChunk() {
        for answer in answers.values { answer.sendNext() }
    }

    func received(_ head: MessageHead, on connection: Connection) {
        bodyBytes = 0
        isChat = head.startLine.hasPrefix("POST ")
    }

    func received(_ body: UnsafeRawBufferPointer, on connection: Connection) { bodyBytes += body.count }

    func receivedEnd(on connection: Connection) {
        if !isChat {
            // A gateway looks which models there are.
            connection.send(Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8))
        } else if work.isStream {
            answers[ObjectIdentifier(connection)]?.begin()
        } else if bodyBytes < work.promptBytes {
            reactor.fail("\(bodyBytes) bytes of a request arrived at the upstream, of \(work.promptBytes) and more")
        } else {
            sendPlainAnswer(on: connection)
        }
    }

    func drained(_ connection: Connection) { answers[ObjectIdentifier(connection)]?.drained() }

    func closed(_ connection: Connection) { answers.removeValue(forKey: ObjectIdentifier(connection))?.stop() }

    private func sendPlainAnswer(on connection: Connection) {
        var answer = plainAnswer
        if let at = answer.firstIndex(of: UInt8(ascii: "@")) {
            Stamp.write(Clock.now(), into: &answer, at: at + 1)
        }
        countChunk()
        connection.send(answer)
    }
}
