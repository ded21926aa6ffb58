import CCurl
package import Transport

/// Tells when the first-byte and idle timeouts of an exchange are due, and when its reader has waited too long for a
/// byte.
///
/// Pure: time is a parameter, in milliseconds of the loop's clock. Arriving bytes only postpone the next event, so an
/// armed timer needs no change for them.
package struct ProgressTimeouts {
    package enum Event: Equatable {
        case fillSilence
        /// Nil if the filter has already seen the end of the body.
        case end(TransportError?)
    }

    private let limits: TimeLimits
    private let started: Int64
    private var hasHead = false
    private var hasBody = false
    /// When to stop waiting for the rest, once the filter has seen the end of the body.
    private var goodbye: Int64?
    /// When the last byte arrived, or when receiving resumed after a pause.
    private var lastReceived: Int64
    /// When bytes were last passed to the reader.
    private var lastPassed: Int64

    /// In milliseconds, how long to wait for the rest of a body after the filter has seen its end. Usually only the
    /// last chunk is missing; after it, the connection can be reused.
    package static let linger: Int64 = 1000

    package init(_ limits: TimeLimits, at now: Int64) {
        self.limits = limits
        started = now
        lastReceived = now
        lastPassed = now
    }

    package mutating func headReceived(at now: Int64) {
        hasHead = true
        lastPassed = now
    }

    /// - Returns: whether the next event may now be due earlier.
    package mutating func bytesReceived(passed: Bool, at now: Int64) -> Bool {
        lastReceived = now
        if passed { lastPassed = now }
        defer { hasBody = true }
        return !hasBody
    }

    /// After an error there is nothing to wait for.
    package mutating func bodyEnded(_ end: BodyPipe.End, at now: Int64) {
        if case .complete = end { goodbye = now + Self.linger } else { goodbye = now }
    }

    package mutating func readerCaughtUp(at now: Int64) { lastReceived = now }

    package mutating func readerNotified(at now: Int64) { lastPassed = now }

    /// The next event if nothing arrives before it, and when it is due.
    /// - Parameter isHeldBack: whether the sender waits for the reader; then neither is considered idle.
    package func next(isHeldBack: Bool) -> (due: Int64, event: Event)? {
        if let goodbye { return (goodbye, .end(nil)) }
        var next: (due: Int64, event: Event)?
        if let limit = limits.firstByte, !hasBody {
            next = (started + Int64(limit), .end(TransportError(.firstByteTimeout, "no byte of a response arrived")))
        }
        if let limit = limits.idle, hasBody, !isHeldBack {
            next = (lastReceived + Int64(limit), .end(TransportError(.idleTimeout, "no more bytes arrived")))
        }
        if let limit = limits.silence, hasHead, !isHeldBack, lastPassed + Int64(limit) < next?.due ?? .max {
            next = (lastPassed + Int64(limit), .fillSilence)
        }
        return next
    }
}

/// A transfer's timer.
extension Transfer {
    /// Arms the timer again, because the next event may be due earlier.
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

    /// Arriving bytes don't touch the timer, so check here whether they have postponed the event.
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
