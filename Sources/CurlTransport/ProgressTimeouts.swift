import CCurl
import Transport

/// Knows when an exchange will have taken too long, or its reader will have heard nothing for too long.
///
/// Pure: time comes in as milliseconds of the loop's clock. Bytes only put off what is due, so a timer that was set
/// may be left alone while they come.
struct ProgressTimeouts {
    enum Event: Equatable {
        case fillSilence
        /// Nil if the body's end has been seen already.
        case end(TransportError?)
    }

    private let limits: TimeLimits
    private let started: Int64
    private var hasHead = false
    private var hasBody = false
    /// What there is to be said about a body whose end was seen in its bytes.
    private var goodbye: Int64?
    /// When the last byte came, or when it could have come again after a pause.
    private var lastReceived: Int64
    /// When the reader was given something last.
    private var lastPassed: Int64

    /// How long the rest of a body is waited for whose end has been seen in its bytes: usually it is the last chunk,
    /// behind which the connection can be used again. In milliseconds.
    static let linger: Int64 = 1000

    init(_ limits: TimeLimits, at now: Int64) {
        self.limits = limits
        started = now
        lastReceived = now
        lastPassed = now
    }

    mutating func headReceived(at now: Int64) {
        hasHead = true
        lastPassed = now
    }

    /// - Returns: whether what comes next may have come nearer.
    mutating func bytesReceived(passed: Bool, at now: Int64) -> Bool {
        lastReceived = now
        if passed { lastPassed = now }
        defer { hasBody = true }
        return !hasBody
    }

    /// Behind an error nothing is worth waiting for.
    mutating func bodyEnded(_ end: BodyPipe.End, at now: Int64) {
        if case .complete = end { goodbye = now + Self.linger } else { goodbye = now }
    }

    mutating func readerCaughtUp(at now: Int64) { lastReceived = now }

    mutating func readerNotified(at now: Int64) { lastPassed = now }

    /// What will happen if nothing else does, and when.
    /// - Parameter isHeldBack: whether the sender waits for the reader, so that neither's silence counts.
    func next(isHeldBack: Bool) -> (due: Int64, event: Event)? {
        if let goodbye { return (goodbye, .end(nil)) }
        var next: (due: Int64, event: Event)?
        if let limit = limits.firstByte, !hasBody {
            next = (started + Int64(limit), .end(TransportError(.firstByteTimeout, "no byte of an answer came")))
        }
        if let limit = limits.idle, hasBody, !isHeldBack {
            next = (lastReceived + Int64(limit), .end(TransportError(.idleTimeout, "no more bytes came")))
        }
        if let limit = limits.silence, hasHead, !isHeldBack, lastPassed + Int64(limit) < next?.due ?? .max {
            next = (lastPassed + Int64(limit), .fillSilence)
        }
        return next
    }
}

/// The one timer of a transfer.
extension Transfer {
    /// Sets the timer anew, because what is due may have come nearer.
    func rearm() {
        disarm()
        guard let next = timeouts.next(isHeldBack: isHeldBack) else { return }
        timer = loop.timerQueue.schedule(at: next.due + loop.ownDelay) { [self] in timerIsDue() }
    }

    func disarm() {
        if let timer { loop.timerQueue.cancel(timer) }
        timer = nil
    }

    private var isHeldBack: Bool { paused & CURLPAUSE_RECV != 0 }

    /// While bytes come the timer is left alone: only here it is seen that they have put off what it was set for.
    private func timerIsDue() {
        timer = nil
        guard let next = timeouts.next(isHeldBack: isHeldBack) else { return }
        guard next.due <= loop.peerTime else { return rearm() }
        switch next.event {
        case .end(let error): loop.end(self, with: error)
        case .fillSilence:
            pipe.fillSilence()
            timeouts.readerNotified(at: loop.peerTime)
            rearm()
        }
    }
}
