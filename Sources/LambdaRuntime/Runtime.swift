package import Transport

/// The run loop: asks for work, has it done, asks again. Isolated to the executor that also carries the transport.
package actor Runtime {
    private let executor: any SerialExecutor & TaskExecutor
    private let client: RuntimeClient
    private let handler: any InvocationHandler
    private let timers: any Timers
    private var whenFailed: CheckedContinuation<RuntimeFailure, Never>?
    /// What ends the polls that are open, one for each slot.
    private var polls: [Cancellation] = []
    /// Invocations that have no answer yet.
    private var open = 0
    private var isFinishing = false
    private var whenIdle: CheckedContinuation<Void, Never>?

    /// How long to wait before a poll is tried again that was reset, in milliseconds; then it has failed.
    private static let pauses = [10, 50, 250]
    /// A poll that has waited so long was a good one, whatever ended it. In milliseconds.
    private static let goodPoll: Int64 = 1000

    package init(
        on executor: any SerialExecutor & TaskExecutor, _ client: RuntimeClient, _ handler: any InvocationHandler,
        _ timers: any Timers
    ) {
        self.executor = executor
        self.client = client
        self.handler = handler
        self.timers = timers
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Serves until a poll fails. Then no slot polls any more, but what is open may go on: see `finish`.
    /// - Parameter slots: how many invocations may be open at once; each has its own poll.
    package func run(slots: Int) async -> RuntimeFailure {
        await withCheckedContinuation { continuation in
            whenFailed = continuation
            polls = (0..<max(1, slots)).map { _ in Cancellation() }
            // Not a task group, which would wait for the polls of the other slots before it returned.
            for poll in polls {
                Task(executorPreference: executor) {
                    if let failure = await self.serve(poll) { await self.fail(failure) }
                }
            }
        }
    }

    /// Waits until everything that is open has been answered. Whoever has answered asks for no more work.
    package func finish() async {
        isFinishing = true
        await withCheckedContinuation { continuation in
            if open > 0 { whenIdle = continuation } else { continuation.resume() }
        }
    }

    /// The first one counts, and none once the process ends anyway.
    private func fail(_ failure: RuntimeFailure) {
        guard !isFinishing else { return }
        isFinishing = true
        whenFailed?.resume(returning: failure)
        whenFailed = nil
        for poll in polls { poll.cancel("the polls have ended") }
    }

    /// One slot. Nil when it is no longer needed.
    private func serve(_ poll: Cancellation) async -> RuntimeFailure? {
        while true {
            do {
                let invocation = try await next(poll)
                open += 1
                _ = await handler.handle(invocation, ResponseWriter(invocation, client))
                open -= 1
                if isFinishing { return rest() }
            } catch {
                return error
            }
        }
    }

    /// Polls again when a poll was cut off, which says little about the next.
    private func next(_ poll: Cancellation) async throws(RuntimeFailure) -> Invocation {
        var tries = 0
        while true {
            let began = client.now()
            do throws(RuntimeFailure) {
                return try await client.next(poll)
            } catch {
                guard error.isTransient, !isFinishing else { throw error }
                if client.now() - began >= Self.goodPoll { tries = 0 }
                guard tries < Self.pauses.count else { throw error }
            }
            try? await timers.sleep(for: Self.pauses[tries], poll)
            tries += 1
        }
    }

    private func rest() -> RuntimeFailure? {
        guard open == 0 else { return nil }
        whenIdle?.resume()
        whenIdle = nil
        return nil
    }
}
