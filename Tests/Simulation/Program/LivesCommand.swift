import ArgumentParser
import Glibc
import SimulatedWorld

/// `simulate lives`
struct LivesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lives", abstract: "Runs lives, and prints what was violated.")

    @Option(help: "The seed of the first life.")
    var firstSeed: UInt64 = 1

    @Option(help: "How many lives to run.")
    var count: UInt64 = 1000

    @Option(help: "After how many seconds to stop.")
    var seconds: Int?

    @Option(help: "The step between two blocks of 32 lives, for several processes at once.")
    var stride: UInt64 = 1

    /// Of each kind of finding, the first one is printed, up to this many kinds.
    private static let mostKinds = 10

    func run() throws {
        let tables = TableCache()
        let start = time(nil)
        var kinds: Set<Invariant> = []
        var (lives, findings) = (0 as UInt64, 0)
        var seed = firstSeed
        Crash.tellSeed()
        while lives < count, kinds.count < Self.mostKinds, seconds.map({ time(nil) - start < $0 }) ?? true {
            Crash.seed = seed
            let life = try Life(seed: seed, tables)
            let found = life.run()
            findings += found.count
            for finding in found where kinds.insert(finding.invariant).inserted {
                print("Seed \(seed), after \(finding.at) ms: \(finding.invariant.rawValue).\n  \(finding.detail)")
                print("  To see that life: make simulate SEED=\(seed)")
            }
            lives += 1
            seed += 1
            if seed.isMultiple(of: 32) { seed += 32 * (stride - 1) }
        }
        print("\(lives) lives in \(time(nil) - start) s, \(findings) findings")
        if findings > 0 { throw ExitCode.failure }
    }
}

/// Tells which life has crashed the process.
enum Crash {
    nonisolated(unsafe) static var seed: UInt64 = 0

    static func tellSeed() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
            signal(number) { number in
                // Only what a signal handler may call.
                var digits: [32 of UInt8] = .init(repeating: UInt8(ascii: " "))
                var (rest, place) = (Crash.seed, 30)
                digits[31] = 0x0A
                repeat {
                    digits[place] = UInt8(rest % 10) + 0x30
                    (rest, place) = (rest / 10, place - 1)
                } while rest > 0
                let text: StaticString = "The program crashed in the life with this seed: "
                write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
                withUnsafeBytes(of: digits) { _ = write(STDERR_FILENO, $0.baseAddress, 32) }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
