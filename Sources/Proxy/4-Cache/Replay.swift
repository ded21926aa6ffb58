import Transport

/// Writes a stored response into a pipe, piece by piece: at once, or at the pace at which it arrived.
///
/// `@unchecked Sendable`: used on the loop only.
final class Replay: @unchecked Sendable {
    let body = BodyPipe()
    private let entry: CacheEntry
    private let timers: any Timers
    private var isPaced: Bool
    private var piece = 0
    private var offset = 0
    /// The piece whose time has come.
    private var due = 0
    private var timer: TimerID?
    private var paceTimer: TimerID?

    /// - Parameter paceLimit: for how long the original pace may be kept, in milliseconds; nil for as long as it takes.
    ///   What is left then follows at once.
    init(_ entry: CacheEntry, isPaced: Bool, paceLimit: Int?, _ timers: any Timers) {
        self.entry = entry
        self.isPaced = isPaced
        self.timers = timers
        if isPaced, let paceLimit {
            paceTimer = timers.schedule(after: max(0, paceLimit)) { self.hurry() }
        }
        body.onCancel = { self.stop() }
        play()
    }

    private func play() {
        timer = nil
        while piece < entry.pieces.count {
            guard !body.isCanceled else { return }
            let next = entry.pieces[piece]
            if isPaced, next.wait > 0, due <= piece {
                due = piece + 1
                return timer = timers.schedule(after: next.wait) { self.play() }
            }
            guard !body.isFull else {
                // Not at once, because the reader calls this while it reads.
                return body.onDrained = { [self] in
                    // Once: the reader also makes room while the next piece waits for its time.
                    body.onDrained = nil
                    timer = timers.schedule(after: 0) { self.play() }
                }
            }
            entry.body.withUnsafeBytes { body.write(.init(rebasing: $0[offset..<offset + next.length])) }
            offset += next.length
            piece += 1
        }
        stop()
        body.finish(nil)
    }

    private func stop() {
        for timer in [timer, paceTimer] { if let timer { timers.cancel(timer) } }
        (timer, paceTimer) = (nil, nil)
    }

    /// Gives up the original pace.
    func hurry() {
        guard isPaced else { return }
        isPaced = false
        guard let timer else { return }
        timers.cancel(timer)
        play()
    }
}
