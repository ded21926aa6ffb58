/// Lets things happen later, on the loop that carries the transport.
package protocol Timers: Sendable {
    /// Calls `action` once, on the loop, after so many milliseconds; unless it is canceled before.
    func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID
    func cancel(_ timer: TimerID)
}

/// Names a scheduled action, and sorts it by the time at which it is due.
package struct TimerID: Sendable, Hashable, Comparable {
    package let due: Int64
    private let number: UInt64

    /// - Parameter number: tells timers apart that are due at the same time.
    package init(due: Int64, number: UInt64) {
        self.due = due
        self.number = number
    }

    package static func < (one: TimerID, other: TimerID) -> Bool {
        (one.due, one.number) < (other.due, other.number)
    }
}
