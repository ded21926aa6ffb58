/// How long to leave a runtime alone that dies as soon as it is started.
struct Backoff: Equatable {
    private(set) var failures = 0
    private var blockedUntil = 0

    /// A start that came to nothing, at a time in milliseconds.
    mutating func failed(at now: Int) {
        failures += 1
        // The second try is free: it may have been an accident, or the fault is mended by now.
        let delay = failures < 2 ? 0 : min(250 << min(failures - 2, 10), 5_000)
        blockedUntil = now + delay
    }

    mutating func succeeded() {
        self = Backoff()
    }

    /// Milliseconds until the next start may be tried; 0 for now.
    func wait(at now: Int) -> Int {
        max(0, blockedUntil - now)
    }
}
