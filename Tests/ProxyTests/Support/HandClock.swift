import Transport

/// A clock that stands still until the test moves it, with its timers.
///
/// `@unchecked Sendable`: used on one thread only.
final class HandClock: Timers, @unchecked Sendable {
    /// In milliseconds since 1970.
    private(set) var now: Int64
    private var timers: [TimerID: @Sendable () -> Void] = [:]
    private var count: UInt64 = 0

    init(now: Int64 = 1_000_000) { self.now = now }

    /// How many timers haven't fired yet.
    var pending: Int { timers.count }

    func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID {
        count += 1
        let timer = TimerID(due: now + Int64(milliseconds), number: count)
        timers[timer] = action
        return timer
    }

    func cancel(_ timer: TimerID) { timers[timer] = nil }

    /// Fires what is due meanwhile, in order.
    func advance(by milliseconds: Int64 = 0) {
        let end = now + milliseconds
        while let next = timers.keys.min(), next.due <= end {
            now = max(now, next.due)
            timers.removeValue(forKey: next)?()
        }
        now = end
    }
}
