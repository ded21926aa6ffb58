import Glibc

/// Points in time, in nanoseconds of the clock that is never set.
enum Clock {
    static func now() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// User and system time of this process, all threads.
    static func ownProcessorTime() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// User and system time of another process, all threads, those that have ended included: not in ticks of 10 ms, as
    /// in /proc/PID/stat.
    static func processorTime(of process: pid_t) -> UInt64 {
        var clock = clockid_t()
        return clock_getcpuclockid(process, &clock) == 0 ? read(clock) : 0
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
