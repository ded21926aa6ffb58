import Glibc
package import Transport

/// The pending timers, in a sorted array. With two timers per stream it holds a few thousand at most, and moving them
/// costs less than a heap's bookkeeping, since most timers are canceled.
struct TimerQueue {
    /// The next timer comes last.
    private var entries: [(id: TimerID, action: @Sendable () -> Void)] = []
    private var count: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }

    /// When the next timer is due.
    var nextDue: Int64? { entries.last?.id.due }

    mutating func schedule(at due: Int64, _ action: @escaping @Sendable () -> Void) -> TimerID {
        count += 1
        let id = TimerID(due: due, number: count)
        entries.insert((id, action), at: index(of: id))
        return id
    }

    mutating func cancel(_ id: TimerID) {
        let index = index(of: id)
        if index < entries.count, entries[index].id == id { entries.remove(at: index) }
    }

    /// Removes and returns the next action that is due.
    mutating func next(at now: Int64) -> (@Sendable () -> Void)? {
        guard let nextDue, nextDue <= now else { return nil }
        return entries.removeLast().action
    }

    /// The index of the timer, or where to insert it.
    private func index(of id: TimerID) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].id > id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension CurlLoop: Timers {
    package func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID {
        timerQueue.schedule(at: Self.clock() + Int64(max(0, milliseconds)), action)
    }

    package func cancel(_ timer: TimerID) { timerQueue.cancel(timer) }

    /// Runs the timers that are due, earliest first. Timers scheduled meanwhile run in the next turn.
    func runTimers() {
        while let action = timerQueue.next(at: now) { action() }
    }

    /// How long the loop may wait for events, in milliseconds; -1 for no limit.
    var longestWait: Int32 {
        let wait = curlTimeout
        guard let due = timerQueue.nextDue else { return Int32(clamping: wait) }
        let left = max(0, due - Self.clock())
        return Int32(clamping: wait < 0 ? left : min(left, Int64(wait)))
    }

    /// The monotonic clock, in milliseconds.
    static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
