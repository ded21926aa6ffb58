import Glibc

/// The clocks and the environment of this process.
enum Machine {
    /// In microseconds.
    static func microseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// The variables that credentials come from.
    static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }
}
