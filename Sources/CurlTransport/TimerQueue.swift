import Glibc
package import Transport

/// What is to happen when. An array, sorted: with two timers a stream it holds a few thousand at most, and moving them
/// costs less than a heap's book-keeping for the many that are canceled.
struct TimerQueue {
    /// The next one last.
    private var entries: [(id: TimerID, action: @Sendable () -> Void)] = []
    private var count: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }

    /// When there is something to do.
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

    /// Takes out the next action that is due.
    mutating func next(at now: Int64) -> (@Sendable () -> Void)? {
        guard let nextDue, nextDue <= now else { return nil }
        return entries.removeLast().action
    }

    /// Where the timer stands, or where it belongs.
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

    /// Does what is due, in the order of time; what is scheduled meanwhile has its turn next time.
    func runTimers() {
        while let action = timerQueue.next(at: now) { action() }
    }

    /// How long there is nothing to do unless something comes, in milliseconds: -1 for ever.
    var longestWait: Int32 {
        let wait = curlTimeout
        guard let due = timerQueue.nextDue else { return Int32(clamping: wait) }
        let left = max(0, due - Self.clock())
        return Int32(clamping: wait < 0 ? left : min(left, Int64(wait)))
    }

    /// Milliseconds since some time in the past; never goes back.
    static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
