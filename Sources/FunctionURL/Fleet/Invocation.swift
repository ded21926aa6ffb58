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

    var id: String { identity.requestID }
    var isBeingAnswered: Bool { state.phase == .answering || state.phase == .streaming }

    func deliver() {
        state.deliver()
    }

    /// False if an answer has begun already.
    func beginAnswer(_ format: AnswerAssembly.Format) -> Bool {
        guard state.beginAnswer() else { return false }
        assembly = AnswerAssembly(format, requestMethod: caller.method)
        return true
    }

    /// Passes on a piece of the answer.
    func receive(_ bytes: [UInt8], log: Log) throws(Failure) {
        guard isBeingAnswered else { return }
        perform(try assembly?.receive(bytes) ?? [], log: log)
    }

    /// The answer is complete.
    func finish(log: Log) throws(Failure) {
        guard isBeingAnswered else { return }
        perform(try assembly?.finish() ?? [], log: log)
        _ = state.end()
        timer?.cancel()
    }

    /// The answer won't come, or not to its end.
    func fail(_ failure: Failure, log: Log) {
        let ending = state.end()
        timer?.cancel()
        guard ending != .alreadyEnded else { return }
        log.note("\(label): \(failure.sentence)")
        guard ending == .answerWithStatus else { return caller.abort() }
        let (head, body) = failure.answer
        caller.respond(head, body: body)
    }

    private func perform(_ actions: [AnswerAssembly.Action], log: Log) {
        for action in actions {
            switch action {
            case .head(let head):
                state.sendHead()
                warnOfDoubledCORS(head, log: log)
                caller.send(head)
            case .body(let bytes): caller.send(bytes)
            case .end: caller.end()
            case .warn(let message): log.note("\(label): \(message)")
            }
        }
    }

    private func warnOfDoubledCORS(_ head: AnswerHead, log: Log) {
        let name = "access-control-allow-origin"
        guard head.headers.first(name) != nil, caller.extraFields.first(name) != nil else { return }
        log.note("\(label): \(name) comes from the function and from the URL's CORS block; browsers refuse both")
    }
}
