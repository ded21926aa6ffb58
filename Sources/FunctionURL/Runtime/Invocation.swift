import FoundationEssentials
import NIOCore

/// One request, from the caller to the end of its response.
///
/// Confined to the event loop.
final class Invocation {
    let identity: InvocationIdentity
    let event: [UInt8]
    let caller: Caller
    /// Method and path, for the log.
    let label: String
    var timer: Scheduled<Void>?
    /// Ends the caller's wait at the door's own limit.
    var doorTimer: Scheduled<Void>?
    /// Whether the door's own limit has ended the caller's wait. The response is then discarded.
    private(set) var hasLeft = false
    private let door: any Door
    private(set) var state = InvocationState()
    private var assembly: ResponseAssembly?

    init(_ identity: InvocationIdentity, event: [UInt8], caller: Caller, label: String, door: any Door) {
        self.identity = identity
        self.event = event
        self.caller = caller
        self.label = label
        self.door = door
    }

    var id: String { identity.requestID }
    var isResponding: Bool { state.phase == .responding || state.phase == .streaming }

    func deliver() {
        state.deliver()
    }

    /// False if a response has already begun.
    func beginResponse(_ format: ResponseAssembly.Format) -> Bool {
        guard state.beginResponse() else { return false }
        assembly = ResponseAssembly(format, requestMethod: caller.method, accept: caller.accept, door: door)
        return true
    }

    /// Passes on a piece of the response.
    func receive(_ bytes: [UInt8], log: Log) throws(Failure) {
        guard isResponding else { return }
        perform(try assembly?.receive(bytes) ?? [], log: log)
    }

    /// Ends a complete response.
    func finish(log: Log) throws(Failure) {
        guard isResponding else { return }
        perform(try assembly?.finish() ?? [], log: log)
        _ = state.end()
        cancelTimers()
    }

    /// Ends the invocation without a complete response.
    func fail(_ failure: Failure, log: Log) {
        let ending = state.end()
        cancelTimers()
        guard ending != .alreadyEnded else { return }
        log.note("\(label): \(failure.sentence)")
        guard !hasLeft else { return }
        guard ending == .respondWithStatus else { return caller.abort() }
        answer(failure)
    }

    /// Ends the caller's wait, but not the invocation: as on AWS, the function isn't told.
    ///
    /// - Parameter seconds: the door's own limit.
    func leave(after seconds: Double, log: Log) {
        guard state.phase != .ended else { return }
        hasLeft = true
        let failure = Failure.doorTimedOut(seconds: seconds)
        log.note("\(label): \(failure.sentence)")
        if state.phase == .streaming { caller.abort() } else { answer(failure) }
    }

    private func answer(_ failure: Failure) {
        let (head, body) = door.answer(to: failure)
        caller.respond(head, body: body)
    }

    private func cancelTimers() {
        timer?.cancel()
        doorTimer?.cancel()
    }

    private func perform(_ actions: [ResponseAssembly.Action], log: Log) {
        for action in actions where !hasLeft {
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

    private func warnOfDoubledCORS(_ head: ResponseHead, log: Log) {
        let name = "access-control-allow-origin"
        guard !caller.replacesCORS, head.headers.first(name) != nil, caller.extraFields.first(name) != nil else {
            return
        }
        log.note("\(label): \(name) comes from the function and from the URL's CORS block; browsers refuse both")
    }
}

/// The state of an invocation.
///
///     waiting ──deliver──▶ delivered ──beginResponse──▶ responding ──sendHead──▶ streaming ──end──▶ ended
///
/// `end` is legal in every state, and returns how the caller can still be told.
struct InvocationState: Equatable {
    enum Phase: Equatable { case waiting, delivered, responding, streaming, ended }

    enum Ending: Equatable {
        /// No head has been sent, so the caller can get an error status.
        case respondWithStatus
        /// The head has been sent, so the only way is to break the connection.
        case breakConnection
        case alreadyEnded
    }

    private(set) var phase = Phase.waiting

    mutating func deliver() {
        if phase == .waiting { phase = .delivered }
    }

    /// False if the response to this invocation has begun or ended.
    mutating func beginResponse() -> Bool {
        guard phase == .delivered else { return false }
        phase = .responding
        return true
    }

    mutating func sendHead() {
        if phase == .responding { phase = .streaming }
    }

    mutating func end() -> Ending {
        defer { phase = .ended }
        return switch phase {
        case .waiting, .delivered, .responding: .respondWithStatus
        case .streaming: .breakConnection
        case .ended: .alreadyEnded
        }
    }
}

/// The ids and the time that AWS assigns to an invocation.
struct InvocationIdentity {
    let requestID: String
    /// A runtime must echo it. It tells one attempt at an invocation from another.
    let nonce: String
    let traceID: String
    let epochMilliseconds: Int

    init(_ request: CallerRequest) {
        requestID = UUID().uuidString.lowercased()
        nonce = UUID().uuidString.lowercased()
        epochMilliseconds = Self.now()
        let seconds = String(epochMilliseconds / 1000, radix: 16)
        let random = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(24)
        traceID = request.headers.first("x-amzn-trace-id") ?? "Root=1-\(seconds)-\(random)"
    }

    static func now() -> Int {
        Int(Date().timeIntervalSince1970 * 1000)
    }
}
