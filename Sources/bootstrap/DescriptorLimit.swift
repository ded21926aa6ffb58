import Glibc

/// How many sockets the process may have.
enum DescriptorLimit {
    /// A stream takes two, and the usual soft limit of 1024 is for programs that call `select`.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
