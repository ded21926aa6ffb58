import CCurl
import Transport

/// The one timer of a transfer.
extension Transfer {
    /// Sets the timer anew, because what is due may have come nearer.
    func rearm() {
        disarm()
        guard let next = watch.next(isHeldBack: isHeldBack) else { return }
        timer = loop.timetable.schedule(at: next.due + loop.ownDelay) { [self] in timerIsDue() }
    }

    func disarm() {
        if let timer { loop.timetable.cancel(timer) }
        timer = nil
    }

    private var isHeldBack: Bool { paused & CURLPAUSE_RECV != 0 }

    /// While bytes come the timer is left alone: only here it is seen that they have put off what it was set for.
    private func timerIsDue() {
        timer = nil
        guard let next = watch.next(isHeldBack: isHeldBack) else { return }
        guard next.due <= loop.patientNow else { return rearm() }
        switch next.event {
        case .end(let error): loop.end(self, with: error)
        case .fillSilence:
            pipe.fillSilence()
            watch.readerHasHeard(at: loop.patientNow)
            rearm()
        }
    }
}
