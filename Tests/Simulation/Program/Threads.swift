import Glibc
import Synchronization

/// Threads that run lives. Swift's own threads belong to an executor that lives don't use.
enum Threads {
    /// Lives don't need a tenth of it, but the stacks of debug builds are deep.
    private static let stackBytes = 8 << 20
    /// Between two looks at the lives that run. In microseconds.
    private static let pause: UInt32 = 100_000
    /// How often the same life is seen until it hangs: for a minute.
    private static let mostLooks = 600

    private final class Start: Sendable {
        let number: Int
        let ended: Ended
        let body: @Sendable (Int) -> Void

        init(_ number: Int, _ ended: Ended, _ body: @escaping @Sendable (Int) -> Void) {
            (self.number, self.ended, self.body) = (number, ended, body)
        }
    }

    private final class Ended: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Runs a function on each of some threads, with the thread's number, and waits. If a life hangs, the program ends.
    ///
    /// - Parameter meanwhile: called about ten times a second.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void, meanwhile: () -> Void = {}) {
        let ended = Ended()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackBytes)
        let threads = (0..<count).map { number in
            var thread = pthread_t()
            let start = Unmanaged.passRetained(Start(number, ended, body))
            let status = pthread_create(&thread, &attributes, { Threads.main($0) }, start.toOpaque())
            precondition(status == 0, "No thread could be started: \(String(cString: strerror(status)))")
            return thread
        }
        pthread_attr_destroy(&attributes)
        while ended.count.load(ordering: .acquiring) < count {
            usleep(pause)
            meanwhile()
            if let seed = RunningLives.hanging(after: mostLooks) {
                printError("A life hangs. To see it: make simulate SEED=\(seed)\n")
                Glibc.exit(1)
            }
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        CrashHandler.prepareThread()
        RunningLives.all[start.number].thread.store(UInt(pthread_self()), ordering: .relaxed)
        start.body(start.number)
        start.ended.count.add(1, ordering: .releasing)
        return nil
    }
}

/// Prints on stderr.
func printError(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
