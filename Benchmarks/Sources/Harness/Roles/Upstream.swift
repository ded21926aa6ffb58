/// The provider: reads a request and sends the work's chunks.
final class Upstream: ConnectionRole {
    private(set) var work: Work
    let reactor: Reactor
    private(set) var chunksSent = 0
    /// Whether streams end at their next chunk.
    private(set) var isOver = false
    private var answers: [ObjectIdentifier: UpstreamAnswer] = [:]
    private var listener: Listener?
    private(set) var stream: StreamPayload
    private(set) var plainAnswer: [UInt8]

    init(_ work: Work, _ reactor: Reactor) throws(Fault) {
        self.work = work
        self.reactor = reactor
        stream = StreamPayload(work)
        plainAnswer = Payload.plainAnswer(bytes: work.plainBytes)
        listener = try Listener(reactor) { [unowned self] connection in
            connection.role = self
            answers[ObjectIdentifier(connection)] = UpstreamAnswer(connection, self)
        }
    }

    var port: UInt16 { listener?.port ?? 0 }

    /// Between two chunks, in nanoseconds. A warm-up isn't paced, but its chunks are still sent one by one.
    var interval: UInt64 { isWarmingUp ? 0 : work.interval }
    var isLockStep: Bool { work.isLockStep || isWarmingUp && work.interval > 0 }
    var isWarmingUp = false

    func finish() { isOver = true }

    func countChunk() { chunksSent += 1 }

    /// Changes the work from now on. Chunks of the old work don't count.
    func change(to work: Work) {
        self.work = work
        stream = StreamPayload(work)
        plainAnswer = Payload.plainAnswer(bytes: work.plainBytes)
        chunksSent = 0
    }

    /// For lock step, with one stream.
    func sendNextChunk() {
        for answer in answers.values { answer.sendNext() }
    }

    func received(_ head: MessageHead, on connection: Connection) {
        answers[ObjectIdentifier(connection)]?.received(head)
    }

    func received(_ body: UnsafeRawBufferPointer, on connection: Connection) {
        answers[ObjectIdentifier(connection)]?.received(body)
    }

    func receivedEnd(on connection: Connection) { answers[ObjectIdentifier(connection)]?.receivedEnd() }

    func drained(_ connection: Connection) { answers[ObjectIdentifier(connection)]?.drained() }

    func closed(_ connection: Connection) { answers.removeValue(forKey: ObjectIdentifier(connection))?.stop() }
}
