import Glibc

/// Times in nanoseconds, from a monotonic clock.
enum Clock {
    static func now() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// User and system time of this process, all threads.
    static func ownProcessorTime() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// User and system time of another process, with all threads, including those that have ended. In nanoseconds, where
    /// /proc/PID/stat has ticks of 10 ms.
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
