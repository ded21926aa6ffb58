import ArgumentParser
import Glibc
import SimulatedWorld

/// `simulate lives`
struct LivesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lives", abstract: "Runs lives, and prints what was violated.",
        discussion: """
            Of the lives that violate an invariant before any other, the first one is shrunk and printed. The exit \
            status is 1 if there is one. After ten of them no more lives begin.
            """)

    @Option(help: "How long to begin new lives.") var seconds = 60
    @Option(help: "How many new lives to run, however long it takes.") var count: UInt64?
    @Option(help: "The first seed. The default is random.") var firstSeed: UInt64?
    @Option(help: "The default is one for each core.") var threads = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    @Option(help: "A file of seeds to run before the new ones.") var seedsFile: String?
    @Flag(help: "Stop at the first violation, and don't shrink the life.") var stopAtFirst = false

    /// In milliseconds.
    private static let betweenProgress = 10_000
    /// What the lives of one thread take at most. More means that lives that have ended, or the programs in them, are
    /// still in memory. In megabytes.
    private static let memoryOfThread = 128

    func validate() throws {
        guard (1...RunningLives.capacity).contains(threads) else {
            throw ValidationError("--threads must be from 1 to \(RunningLives.capacity)")
        }
        guard seconds > 0 else { throw ValidationError("--seconds must be more than 0") }
    }

    func run() throws {
        CrashHandler.install()
        let kept = try seedsFile.map { try SeedsFile.read($0) } ?? []
        let first = firstSeed ?? UInt64.random(in: 0..<(1 << 40))
        print("Running \(kept.count) kept lives, then those from seed \(first) on, with \(threads) threads")
        fflush(nil)
        let start = monotonicMilliseconds()
        let lives = Lives(
            kept: kept, first: first, count: count, deadline: count == nil ? start + seconds * 1000 : nil,
            mostViolations: stopAtFirst ? 1 : 10)
        var shown = start
        Threads.run(threads, { lives.run(on: $0) }) {
            let now = monotonicMilliseconds()
            guard now - shown >= Self.betweenProgress else { return }
            shown = now
            printError("\(lives.count) lives after \((now - start) / 1000) s\n")
        }
        let elapsed = max(1, monotonicMilliseconds() - start)
        let megabytes = Self.peakMemory
        if !stopAtFirst {
            for violation in lives.violations {
                print()
                LifePrinter.run(violation.seed, isShrunk: true)
            }
        }
        let rate = lives.count * 1000 / elapsed
        print(
            "\(lives.count) lives in \(elapsed / 1000) s, \(rate) a second, in \(megabytes) MB: "
                + "\(lives.failed) violate something")
        let isTooLarge = megabytes > threads * Self.memoryOfThread
        if isTooLarge {
            print("Lives leave something in memory: it should take at most \(Self.memoryOfThread) MB a thread")
        }
        if lives.failed > 0 || isTooLarge { throw ExitCode.failure }
    }

    /// In megabytes.
    private static var peakMemory: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
