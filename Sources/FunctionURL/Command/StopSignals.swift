import Glibc

/// The signals that end this program; received by waiting for them, so nothing runs inside a signal handler.
struct StopSignals {
    private var set = sigset_t()

    /// Call before any thread is started: threads inherit the mask, and only `wait` shall see these signals.
    init() {
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&set, signal)
        }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A terminal or log pipe that is closed must not end the program before it has ended its children.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Blocks this thread until one of them comes.
    func wait() {
        var set = set
        var received: Int32 = 0
        while sigwait(&set, &received) != 0 {}
    }
}
