/// How far an invocation has come.
///
///     waiting ──deliver──▶ delivered ──beginAnswer──▶ answering ──sendHead──▶ streaming ──end──▶ ended
///
/// `end` is legal from everywhere and tells what can still be said to the caller.
struct InvocationState: Equatable {
    enum Phase: Equatable { case waiting, delivered, answering, streaming, ended }

    enum Ending: Equatable {
        /// No head has been sent: the caller can be told by a status.
        case answerWithStatus
        /// Too late for a status: only a broken connection tells.
        case breakConnection
        case alreadyEnded
    }

    private(set) var phase = Phase.waiting

    mutating func deliver() {
        if phase == .waiting { phase = .delivered }
    }

    /// False if this invocation has been answered, or is being answered.
    mutating func beginAnswer() -> Bool {
        guard phase == .delivered else { return false }
        phase = .answering
        return true
    }

    mutating func sendHead() {
        if phase == .answering { phase = .streaming }
    }

    mutating func end() -> Ending {
        defer { phase = .ended }
        return switch phase {
        case .waiting, .delivered, .answering: .answerWithStatus
        case .streaming: .breakConnection
        case .ended: .alreadyEnded
        }
    }
}
