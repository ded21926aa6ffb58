import Glibc
import SimulatedWorld
import Synchronization

/// Lives that several threads run: first those of the kept seeds, then new ones.
final class Lives: Sendable {
    /// Seeds that differ in their last five bits share a table, so one thread runs them.
    private static let block: UInt64 = 32

    /// The first life that violates an invariant before any other.
    struct Violation: Sendable {
        let seed: UInt64
        /// The invariant, in words.
        let what: String
        let detail: String
    }

    private struct State {
        var nextKept = 0
        var next: UInt64
        var violations: [Violation] = []
        var failed = 0
    }

    private let kept: [UInt64]
    /// The first seed that isn't run.
    private let end: UInt64
    private let deadline: Int?
    private let mostViolations: Int
    private let state: Mutex<State>
    private let ended = Atomic<Int>(0)

    /// - Parameters:
    ///   - count: of new lives; nil to run them until the deadline.
    ///   - deadline: on the monotonic clock, in milliseconds.
    ///   - mostViolations: after so many invariants have been violated, no more lives begin.
    init(kept: [UInt64], first: UInt64, count: UInt64?, deadline: Int?, mostViolations: Int) {
        (self.kept, self.deadline, self.mostViolations) = (kept, deadline, mostViolations)
        end = count.map { first + $0 } ?? .max
        state = Mutex(State(next: first))
    }

    /// How many lives have ended.
    var count: Int { ended.load(ordering: .relaxed) }

    /// How many of them have violated something.
    var failed: Int { state.withLock { $0.failed } }

    /// One for each invariant.
    var violations: [Violation] { state.withLock { $0.violations.sorted { $0.seed < $1.seed } } }

    /// Runs lives until there are no more, on one of several threads.
    func run(on thread: Int) {
        let tables = TableCache()
        while let seed = nextKept() { run(seed, tables, thread) }
        while let seeds = nextBlock() {
            for seed in seeds {
                guard !isOver else { return }
                run(seed, tables, thread)
            }
        }
    }

    private var isOver: Bool {
        if let deadline, monotonicMilliseconds() >= deadline { return true }
        return state.withLock { $0.violations.count >= mostViolations }
    }

    private func nextKept() -> UInt64? {
        guard !isOver else { return nil }
        return state.withLock { state in
            guard state.nextKept < kept.count else { return nil }
            state.nextKept += 1
            return kept[state.nextKept - 1]
        }
    }

    private func nextBlock() -> Range<UInt64>? {
        guard !isOver else { return nil }
        return state.withLock { state in
            guard state.next < end else { return nil }
            let start = state.next
            state.next = min(end, (start / Self.block + 1) * Self.block)
            return start..<state.next
        }
    }

    private func run(_ seed: UInt64, _ tables: TableCache, _ thread: Int) {
        RunningLives.all[thread].begin(seed)
        do {
            // What follows the first finding is often only its consequence.
            if let finding = try Life(seed: seed, tables).run().first {
                note(Violation(seed: seed, what: finding.invariant.rawValue, detail: finding.detail))
            }
        } catch {
            note(Violation(seed: seed, what: "a drawn table can be loaded", detail: "\(error)"))
        }
        RunningLives.all[thread].end()
        ended.add(1, ordering: .relaxed)
    }

    private func note(_ violation: Violation) {
        state.withLock { state in
            state.failed += 1
            guard !state.violations.contains(where: { $0.what == violation.what }) else { return }
            state.violations.append(violation)
            print("Life \(violation.seed): \(violation.what)\n  \(violation.detail)")
            print("  To see it: make simulate SEED=\(violation.seed)")
            // Another life may be about to crash.
            fflush(nil)
        }
    }
}
