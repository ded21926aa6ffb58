import Transport

/// The run loop: asks for work, has it done, asks again. Isolated to the executor that also carries the transport.
package actor Runtime {
    private let executor: any SerialExecutor & TaskExecutor
    private let client: RuntimeClient
    private let handler: any InvocationHandler
    private var whenFailed: CheckedContinuation<RuntimeFailure, Never>?
    /// Invocations that have no answer yet.
    private var open = 0
    private var isFinishing = false
    private var whenIdle: CheckedContinuation<Void, Never>?

    package init(
        on executor: any SerialExecutor & TaskExecutor, _ client: RuntimeClient, _ handler: any InvocationHandler
    ) {
        self.executor = executor
        self.client = client
        self.handler = handler
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Serves until the Runtime API fails.
    /// - Parameter slots: how many invocations may be open at once; each has its own poll.
    package func run(slots: Int) async -> RuntimeFailure {
        await withCheckedContinuation { continuation in
            whenFailed = continuation
            // Not a task group, which would wait for the polls of the other slots before it returned.
            for _ in 0..<max(1, slots) {
                Task(executorPreference: executor) {
                    if let failure = await self.serve() { await self.fail(failure) }
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

    private func fail(_ failure: RuntimeFailure) {
        whenFailed?.resume(returning: failure)
        whenFailed = nil
    }

    /// One slot. Nil when it is no longer needed.
    private func serve() async -> RuntimeFailure? {
        while true {
            do {
                let invocation = try await client.next()
                open += 1
                _ = await handler.handle(invocation, ResponseWriter(invocation, client))
                open -= 1
                if isFinishing { return rest() }
            } catch {
                return error
            }
        }
    }

    private func rest() -> RuntimeFailure? {
        guard open == 0 else { return nil }
        whenIdle?.resume()
        whenIdle = nil
        return nil
    }
}
