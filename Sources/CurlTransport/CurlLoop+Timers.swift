import Glibc
package import Transport

extension CurlLoop: Timers {
    package func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID {
        timetable.schedule(at: Self.clock() + Int64(max(0, milliseconds)), action)
    }

    package func cancel(_ timer: TimerID) { timetable.cancel(timer) }

    /// Does what is due, in the order of time; what is scheduled meanwhile has its turn next time.
    func runTimers() {
        while let action = timetable.next(at: now) { action() }
    }

    /// How long there is nothing to do unless something comes, in milliseconds: -1 for ever.
    var longestWait: Int32 {
        let wait = libcurlsWait
        guard let due = timetable.nextDue else { return Int32(clamping: wait) }
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
