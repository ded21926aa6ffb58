package import Transport

/// The run loop: asks for work, has it done, asks again. Isolated to the executor that also carries the transport.
package actor Runtime {
    private let executor: any SerialExecutor & TaskExecutor
    private let client: RuntimeClient
    private let handler: any InvocationHandler
    private let timers: any Timers
    private var whenFailed: CheckedContinuation<RuntimeFailure, Never>?
    private var slots: [Slot] = []
    /// Invocations that have no answer yet, those that are still coming included.
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
            self.slots = (0..<max(1, slots)).map { _ in Slot() }
            // Not a task group, which would wait for the polls of the other slots before it returned.
            for slot in self.slots {
                Task(executorPreference: executor) {
                    if let failure = await self.serve(slot) { await self.fail(failure) }
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

    /// Ends the answers that are open, whole or not, so that whoever gives them can still write down how it went.
    package func abandon() {
        for slot in slots { slot.answer.cancel("the process ends") }
    }

    /// The first one counts, and none once the process ends anyway.
    private func fail(_ failure: RuntimeFailure) {
        guard !isFinishing else { return }
        isFinishing = true
        whenFailed?.resume(returning: failure)
        whenFailed = nil
        for slot in slots { slot.poll.cancel("the polls have ended") }
    }

    /// One slot. Nil when it is no longer needed.
    private func serve(_ slot: Slot) async -> RuntimeFailure? {
        while true {
            do {
                let invocation = try await next(slot)
                slot.answer = Cancellation()
                _ = await handler.handle(invocation, ResponseWriter(invocation, client, slot.answer))
                close()
                if isFinishing { return nil }
            } catch {
                return error
            }
        }
    }

    /// Polls again when a poll was cut off, which says little about the next.
    /// - Returns: an invocation that is counted as open.
    private func next(_ slot: Slot) async throws(RuntimeFailure) -> Invocation {
        var tries = 0
        while true {
            let began = client.now()
            do throws(RuntimeFailure) {
                let coming = try await client.next(slot.poll)
                open += 1
                return try await receive(coming)
            } catch {
                guard error.isTransient, !isFinishing else { throw error }
                if client.now() - began >= Self.goodPoll { tries = 0 }
                guard tries < Self.pauses.count else { throw error }
            }
            try? await timers.sleep(for: Self.pauses[tries], slot.poll)
            tries += 1
        }
    }

    private func receive(_ coming: TransportResponse) async throws(RuntimeFailure) -> Invocation {
        do throws(RuntimeFailure) {
            return try await client.receive(coming)
        } catch {
            close()
            throw error
        }
    }

    /// One invocation less is open.
    private func close() {
        open -= 1
        guard isFinishing, open == 0 else { return }
        whenIdle?.resume()
        whenIdle = nil
    }
}

/// What ends what a slot is doing.
///
/// `@unchecked Sendable`: used on the loop only.
private final class Slot: @unchecked Sendable {
    let poll = Cancellation()
    /// Of the invocation that is open.
    var answer = Cancellation()
}
