import Synchronization
import Transport

/// A loop with simulated time. It runs all jobs on the thread that calls `run`, and when none is left, its clock jumps
/// to the next timer. So waits of hours end at once, and always in the same order.
final class ManualLoop: SerialExecutor, TaskExecutor, Timers {
    private struct State {
        var now: Int64
        var jobs: [UnownedJob] = []
        var timers: [TimerID: @Sendable () -> Void] = [:]
        var timerCount: UInt64 = 0
    }

    struct Stuck: Error {}

    private let state: Mutex<State>

    init(now: Int64 = 1_000_000) { state = Mutex(State(now: now)) }

    /// In milliseconds, like those of the wall clock.
    var now: Int64 { state.withLock { $0.now } }

    /// Runs `body` and all that it starts, until nothing is left to do.
    /// - Throws: what `body` throws; `Stuck` if it waits for something that will never come.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        Task.detached(executorPreference: self) {
            do { outcome.result = .success(try await body()) } catch { outcome.result = .failure(error) }
        }
        runUntilIdle()
        guard let result = outcome.result else { throw Stuck() }
        return try result.get()
    }

    /// `@unchecked Sendable`: touched only by the thread that runs the loop.
    private final class Outcome<Value>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }

    private func runUntilIdle() {
        while true {
            if let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) {
                job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            } else if let action = state.withLock({ Self.jump(&$0) }) {
                action()
            } else {
                return
            }
        }
    }

    private static func jump(_ state: inout State) -> (@Sendable () -> Void)? {
        guard let next = state.timers.keys.min() else { return nil }
        state.now = max(state.now, next.due)
        return state.timers.removeValue(forKey: next)
    }
}

// MARK: - Executor and timers

extension ManualLoop {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID {
        state.withLock { state in
            state.timerCount += 1
            let timer = TimerID(due: state.now + Int64(max(0, milliseconds)), number: state.timerCount)
            state.timers[timer] = action
            return timer
        }
    }

    func cancel(_ timer: TimerID) { state.withLock { _ = $0.timers.removeValue(forKey: timer) } }
}
