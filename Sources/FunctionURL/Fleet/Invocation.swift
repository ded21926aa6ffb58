import NIOCore

/// One request on its way through a runtime.
///
/// Confined to the event loop.
final class Invocation {
    let identity: InvocationIdentity
    let event: [UInt8]
    let caller: Caller
    /// Method and path, for the log.
    let label: String
    var timer: Scheduled<Void>?
    private(set) var state = InvocationState()
    private var assembly: AnswerAssembly?

    init(_ identity: InvocationIdentity, event: [UInt8], caller: Caller, label: String) {
        self.identity = identity
        self.event = event
        self.caller = caller
        self.label = label
    }

    var id: String { self.identity.requestID }
    var isBeingAnswered: Bool { self.state.phase == .answering || self.state.phase == .streaming }

    func deliver() {
        self.state.deliver()
    }

    /// False if an answer has begun already.
    func beginAnswer(_ format: AnswerAssembly.Format) -> Bool {
        guard self.state.beginAnswer() else { return false }
        self.assembly = AnswerAssembly(format, requestMethod: self.caller.method)
        return true
    }

    /// Passes on a piece of the answer.
    func receive(_ bytes: [UInt8], log: Log) throws(Failure) {
        guard self.isBeingAnswered else { return }
        self.perform(try self.assembly?.receive(bytes) ?? [], log: log)
    }

    /// The answer is complete.
    func finish(log: Log) throws(Failure) {
        guard self.isBeingAnswered else { return }
        self.perform(try self.assembly?.finish() ?? [], log: log)
        _ = self.state.end()
        self.timer?.cancel()
    }

    /// The answer won't come, or not to its end.
    func fail(_ failure: Failure, log: Log) {
        let ending = self.state.end()
        self.timer?.cancel()
        guard ending != .alreadyEnded else { return }
        log.note("\(self.label): \(failure.sentence)")
        guard ending == .answerWithStatus else { return self.caller.abort() }
        let (head, body) = failure.answer
        self.caller.respond(head, body: body)
    }

    private func perform(_ actions: [AnswerAssembly.Action], log: Log) {
        for action in actions {
            switch action {
            case .head(let head):
                self.state.sendHead()
                self.warnOfDoubledCORS(head, log: log)
                self.caller.send(head)
            case .body(let bytes): self.caller.send(bytes)
            case .end: self.caller.end()
            case .warn(let message): log.note("\(self.label): \(message)")
            }
        }
    }

    private func warnOfDoubledCORS(_ head: AnswerHead, log: Log) {
        let name = "access-control-allow-origin"
        guard head.headers.first(name) != nil, self.caller.extraFields.first(name) != nil else { return }
        log.note("\(self.label): \(name) comes from the function and from the URL's CORS block; browsers refuse both")
    }
}
