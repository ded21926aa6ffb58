import Glibc
import Synchronization

/// The life that a thread runs. Read by the main thread, and by a signal's handler.
struct RunningLife: ~Copyable {
    let seed = Atomic<UInt64>(0)
    /// One more than the main thread has looked at this life; 0 if the thread runs none. Not a time, because the whole
    /// process may be stopped for a while.
    let looks = Atomic<Int>(0)
    let thread = Atomic<UInt>(0)

    func begin(_ seed: UInt64) {
        self.seed.store(seed, ordering: .relaxed)
        looks.store(1, ordering: .releasing)
    }

    func end() { looks.store(0, ordering: .releasing) }

    /// - Returns: how often the same life has been looked at before.
    func look() -> Int {
        let seen = looks.load(ordering: .acquiring)
        guard seen > 0 else { return 0 }
        // Unless it has just ended.
        _ = looks.compareExchange(expected: seen, desired: seen + 1, ordering: .relaxed)
        return seen - 1
    }
}

/// What each thread runs, by its number.
enum RunningLives {
    static let capacity = 256
    nonisolated(unsafe) static let all: UnsafeMutablePointer<RunningLife> = {
        let lives = UnsafeMutablePointer<RunningLife>.allocate(capacity: capacity)
        for index in 0..<capacity { (lives + index).initialize(to: RunningLife()) }
        return lives
    }()

    /// Looks at each life.
    /// - Returns: the seed of one that has been looked at so often before that it hangs.
    static func hanging(after looks: Int) -> UInt64? {
        var hanging: UInt64?
        for index in 0..<capacity where all[index].look() >= looks {
            hanging = all[index].seed.load(ordering: .relaxed)
        }
        return hanging
    }

    /// The seed of the life that the calling thread runs.
    static var ofThisThread: UInt64? {
        let thread = UInt(pthread_self())
        for index in 0..<capacity
        where all[index].thread.load(ordering: .relaxed) == thread
            && all[index].looks.load(ordering: .acquiring) != 0
        {
            return all[index].seed.load(ordering: .relaxed)
        }
        return nil
    }
}

func monotonicMilliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}
