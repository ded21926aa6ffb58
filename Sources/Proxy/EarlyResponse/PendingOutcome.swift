import Transport

/// How the asking of upstreams went, which may not be known yet.
///
/// `@unchecked Sendable`: used on the loop only, by one that waits and one that resolves.
final class PendingOutcome: @unchecked Sendable {
    private(set) var outcome: Outcome?
    private var waiter: (() -> Void)?

    func resolve(_ outcome: Outcome) {
        self.outcome = outcome
        wake()
    }

    /// Waits for the outcome, but not longer than so many milliseconds.
    /// - Returns: nil if it isn't there by then.
    func wait(upTo milliseconds: Int, _ timers: any Timers) async -> Outcome? {
        await withCheckedContinuation { continuation in
            guard outcome == nil else { return continuation.resume() }
            let timer = timers.schedule(after: milliseconds) { self.wake() }
            waiter = {
                timers.cancel(timer)
                continuation.resume()
            }
        }
        return outcome
    }

    private func wake() {
        let waiter = waiter
        self.waiter = nil
        waiter?()
    }
}
