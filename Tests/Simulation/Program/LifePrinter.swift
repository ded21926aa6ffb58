import Glibc
import SimulatedWorld
import Synchronization

/// Prints a life: its table, its world, who does what when, and what is violated.
enum LifePrinter {
    /// Runs and prints a life on a thread of its own.
    ///
    /// - Parameter isShrunk: whether to shrink it first, if it violates something.
    /// - Returns: whether it violates something.
    @discardableResult
    static func run(_ seed: UInt64, isShrunk: Bool) -> Bool {
        let isViolating = Atomic(true)
        Threads.run(1) { _ in
            RunningLives.all[0].begin(seed)
            defer { RunningLives.all[0].end() }
            do {
                let choices = isShrunk ? try shrink(seed) : nil
                isViolating.store(try print(seed, choices), ordering: .relaxed)
            } catch {
                Swift.print("The table of life \(seed) can't be loaded: \(error)")
            }
        }
        return isViolating.load(ordering: .relaxed)
    }

    /// - Returns: nil if the life violates nothing.
    private static func shrink(_ seed: UInt64) throws -> Choices? {
        guard let shrunk = try ShrunkLife(seed, beforeEach: { RunningLives.all[0].begin(seed) }) else { return nil }
        Swift.print(
            """
            Life \(seed), shrunk from \(shrunk.requestsBefore) requests to \(shrunk.requests) with \(shrunk.lives) lives
            To see it again: make simulate SEED=\(seed) SHRINK=1

            """)
        return Choices(keeping: shrunk.kept)
    }

    /// - Returns: whether it violates something.
    private static func print(_ seed: UInt64, _ choices: Choices?) throws -> Bool {
        let life = try Life(seed: seed, TableCache(), choices) { event in
            Swift.print(event)
            // What follows may crash.
            fflush(nil)
        }
        Swift.print(life.table.yaml)
        for line in life.plan.lines + life.visits.compactMap({ $0?.plan.line }) { Swift.print(line) }
        Swift.print()
        let findings = life.run()
        Swift.print()
        for finding in findings {
            Swift.print("After \(finding.at) ms: \(finding.invariant.rawValue)\n  \(finding.detail)")
        }
        if findings.isEmpty { Swift.print("Nothing is violated") }
        return !findings.isEmpty
    }
}
