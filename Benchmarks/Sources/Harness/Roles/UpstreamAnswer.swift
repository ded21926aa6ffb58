/// The answer on one connection. Each chunk contains the time at which it is sent.
final class UpstreamAnswer: AlarmTarget {
    private unowned let connection: Connection
    private unowned let upstream: Upstream
    private var isChat = false
    private var bodyBytes = 0
    private var chunk: StampedChunk
    private var sent = 0
    private var due: UInt64 = 0
    private var isStreaming = false

    init(_ connection: Connection, _ upstream: Upstream) {
        self.connection = connection
        self.upstream = upstream
        chunk = upstream.stream.chunk
    }

    func received(_ head: MessageHead) {
        isChat = head.startLine.hasPrefix("POST ")
        bodyBytes = 0
    }

    func received(_ body: UnsafeRawBufferPointer) { bodyBytes += body.count }

    func receivedEnd() {
        if !isChat {
            // A gateway lists the models.
            connection.send(Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8))
        } else if upstream.work.isStream {
            beginStream()
        } else if bodyBytes < upstream.work.promptBytes {
            upstream.reactor.fail(
                "\(bodyBytes) bytes of a request arrived at the upstream, of \(upstream.work.promptBytes) and more")
        } else {
            sendPlainAnswer()
        }
    }

    private func sendPlainAnswer() {
        var answer = upstream.plainAnswer
        if let at = answer.firstIndex(of: UInt8(ascii: "@")) {
            Stamp.write(Clock.now(), into: &answer, at: at + 1)
        }
        upstream.countChunk()
        connection.send(answer)
    }

    private func beginStream() {
        sent = 0
        isStreaming = true
        chunk = upstream.stream.chunk
        due = Clock.now()
        connection.send(upstream.stream.head)
        sendNext()
        guard upstream.interval > 0 else { return sendUntilFull() }
        // Streams that began together should not stay in step.
        due += isEndless ? UInt64.random(in: 0..<upstream.interval) : upstream.interval
        upstream.reactor.wake(self, at: due)
    }

    func alarm(now: UInt64) {
        guard isStreaming else { return }
        sendNext()
        due += upstream.interval
        upstream.reactor.wake(self, at: due)
    }

    func drained() {
        if isStreaming && upstream.interval == 0 { sendUntilFull() }
    }

    /// The connection is gone.
    func stop() { isStreaming = false }

    func sendNext() {
        guard isStreaming else { return }
        if upstream.isOver || sent == upstream.work.chunks {
            isStreaming = false
            return connection.send(upstream.stream.end)
        }
        sent += 1
        upstream.countChunk()
        chunk.stamp(Clock.now())
        connection.send(chunk.bytes)
    }

    private var isEndless: Bool { upstream.work.chunks == nil }

    private func sendUntilFull() {
        guard !upstream.isLockStep else { return }
        while isStreaming && connection.isDrained { sendNext() }
    }
}
