package import Logging
import Transport

/// The run loop: asks for work, has it done, asks again. Isolated to the executor that also carries the transport.
package actor Runtime {
    private let executor: any SerialExecutor & TaskExecutor
    private let client: RuntimeClient
    private let handler: any InvocationHandler
    private let logger: Logger
    private var whenFailed: CheckedContinuation<RuntimeFailure, Never>?

    package init(
        on executor: any SerialExecutor & TaskExecutor, _ client: RuntimeClient, _ handler: any InvocationHandler,
        _ logger: Logger
    ) {
        self.executor = executor
        self.client = client
        self.handler = handler
        self.logger = logger
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Serves until the Runtime API fails.
    /// - Parameter slots: how many invocations may be open at once; each has its own poll.
    package func run(slots: Int) async -> RuntimeFailure {
        await withCheckedContinuation { continuation in
            whenFailed = continuation
            // Not a task group, which would wait for the polls of the other slots before it returned.
            for _ in 0..<max(1, slots) { Task(executorPreference: executor) { await self.fail(self.serve()) } }
        }
    }

    private func fail(_ failure: RuntimeFailure) {
        whenFailed?.resume(returning: failure)
        whenFailed = nil
    }

    private func serve() async -> RuntimeFailure {
        while true {
            do {
                let invocation = try await client.next()
                let delivery = await handler.handle(invocation, ResponseWriter(invocation, client))
                log(delivery, of: invocation)
            } catch {
                return error
            }
        }
    }

    private func log(_ delivery: Delivery, of invocation: Invocation) {
        switch delivery {
        case .accepted: break
        case .rejected(let status, let text):
            logger.warning(
                "the Runtime API did not take an answer",
                metadata: ["request": "\(invocation.id)", "status": "\(status)", "answer": "\(text.prefix(500))"])
        case .failed(let error):
            logger.warning(
                "an answer was broken off",
                metadata: ["request": "\(invocation.id)", "error": "\(error.detail)"])
        }
    }
}
