package import Transport

/// The run loop: polls for an invocation, passes it to the handler, and polls again. Runs on the transport's executor.
package actor Runtime {
    private let executor: any SerialExecutor & TaskExecutor
    private let client: RuntimeClient
    private let handler: any InvocationHandler
    private let timers: any Timers
    private var whenFailed: CheckedContinuation<RuntimeFailure?, Never>?
    private var slots: [Slot] = []
    /// Invocations without a response yet, including those still being received.
    private var open = 0
    private var isFinishing = false
    private var whenIdle: CheckedContinuation<Void, Never>?

    /// The pauses before a reset poll is retried, in milliseconds; after the last one it has failed.
    private static let pauses = [10, 50, 250]
    /// A poll that waited this long resets the retry count, however it ended. In milliseconds.
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

    /// Serves until a poll fails. Then all slots stop polling, but open invocations may continue: see `finish`.
    /// - Parameter slots: how many invocations may be open at once; each has its own poll.
    /// - Returns: nil if the process was ending already.
    package func run(slots: Int) async -> RuntimeFailure? {
        await withCheckedContinuation { continuation in
            whenFailed = continuation
            self.slots = (0..<max(1, slots)).map { _ in Slot() }
            // Not a task group, which would wait for the polls of the other slots before it returned.
            for slot in self.slots {
                Task(executorPreference: executor) { await self.end(with: await self.serve(slot)) }
            }
        }
    }

    /// Waits until all open invocations have a response. Slots that are done stop polling.
    package func finish() async {
        isFinishing = true
        await withCheckedContinuation { continuation in
            if open > 0 { whenIdle = continuation } else { continuation.resume() }
        }
    }

    /// Ends all open responses, complete or not, so that their handlers can still write their records.
    package func abandon() {
        for slot in slots { slot.answer.cancel("the process ends") }
    }

    /// Reports that a slot has ended, the first time.
    /// - Parameter failure: nil if the process is ending anyway.
    private func end(with failure: RuntimeFailure?) {
        whenFailed?.resume(returning: isFinishing ? nil : failure)
        whenFailed = nil
        guard !isFinishing else { return }
        isFinishing = true
        for slot in slots { slot.poll.cancel("the polls have ended") }
    }

    /// Runs one slot.
    /// - Returns: nil when it is no longer needed, because the process is ending.
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

    /// Polls, and retries a poll whose connection was reset.
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

    /// Counts an invocation as done.
    private func close() {
        open -= 1
        guard isFinishing, open == 0 else { return }
        whenIdle?.resume()
        whenIdle = nil
    }
}

/// Cancels what a slot is doing.
///
/// `@unchecked Sendable`: used on the loop only.
private final class Slot: @unchecked Sendable {
    let poll = Cancellation()
    /// For the open invocation.
    var answer = Cancellation()
}
