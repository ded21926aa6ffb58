import Glibc
import Synchronization

/// The life that a thread runs. Read by the main thread, and by a signal's handler.
struct RunningLife: ~Copyable {
    let seed = Atomic<UInt64>(0)
    /// In milliseconds of the monotonic clock; 0 if the thread runs none.
    let began = Atomic<Int>(0)
    let thread = Atomic<UInt>(0)

    func begin(_ seed: UInt64) {
        self.seed.store(seed, ordering: .relaxed)
        began.store(monotonicMilliseconds(), ordering: .releasing)
    }

    func end() { began.store(0, ordering: .releasing) }
}

/// What each thread runs, by its number.
enum RunningLives {
    static let capacity = 256
    nonisolated(unsafe) static let all: UnsafeMutablePointer<RunningLife> = {
        let lives = UnsafeMutablePointer<RunningLife>.allocate(capacity: capacity)
        for index in 0..<capacity { (lives + index).initialize(to: RunningLife()) }
        return lives
    }()

    /// The seed of a life that has been running for so long that it hangs.
    static func hanging(after milliseconds: Int) -> UInt64? {
        let now = monotonicMilliseconds()
        for index in 0..<capacity {
            let began = all[index].began.load(ordering: .acquiring)
            if began != 0, now - began > milliseconds { return all[index].seed.load(ordering: .relaxed) }
        }
        return nil
    }

    /// The seed of the life that the calling thread runs.
    static var ofThisThread: UInt64? {
        let thread = UInt(pthread_self())
        for index in 0..<capacity
        where all[index].thread.load(ordering: .relaxed) == thread
            && all[index].began.load(ordering: .acquiring) != 0
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
