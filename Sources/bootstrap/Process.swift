import CMalloc
@preconcurrency import Glibc

/// The environment variables of the process.
enum ProcessEnvironment {
    /// Call this once, at the start, before any other thread exists. If a variable is set twice, the first value
    /// counts.
    static func read() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }

    /// The present values of some variables.
    static func read(_ names: [String]) -> [String: String] {
        var variables: [String: String] = [:]
        for name in names { variables[name] = getenv(name).map { String(cString: $0) } }
        return variables
    }
}

/// The machine's clock. Lambda's deadlines refer to it.
enum WallClock {
    /// Milliseconds since 1970.
    @Sendable static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// The limit of open descriptors.
enum DescriptorLimit {
    /// Raises the soft limit to the hard limit. A stream takes two descriptors. The usual soft limit of 1024 only
    /// protects programs that call `select`.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Settings of the heap.
enum Heap {
    /// By default, glibc returns the end of the heap to the kernel as soon as 128 KB are free there. A transfer's
    /// buffers are larger, so each request would take new pages and return them: three system calls, and a page fault
    /// for each page.
    static func keepForNextRequest() {
        mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024)
        // More than a transfer's buffers. Larger prompts are mapped separately, and returned to the kernel at once. In
        // the heap, longer-lived objects would pin their memory: after 60 concurrent prompts of 1.5 MB, 33 MB stayed
        // resident with this value, and 102 MB with 2 MB.
        mallopt(M_MMAP_THRESHOLD, 512 * 1024)
    }
}
