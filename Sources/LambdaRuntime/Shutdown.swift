package import Transport

/// Shuts down after SIGTERM or a failure of the Runtime API: open requests may finish; then they are canceled, then
/// their responses are abandoned, then the process exits.
///
/// `@unchecked Sendable`: used on the loop only.
package final class Shutdown: @unchecked Sendable {
    /// After this many milliseconds, open requests are canceled.
    private static let gracePeriod = 250
    /// After this many milliseconds, responses that aren't accepted are abandoned.
    private static let abandonAfter = 400
    /// After this many milliseconds, the process exits: Lambda kills it 500 ms after SIGTERM.
    private static let exitAfter = 450

    private let loop: any TaskExecutor & Timers
    private let runtime: Runtime
    private let cancelRequests: @Sendable () -> Void
    private let exit: @Sendable (RuntimeFailure?) -> Void
    private var hasBegun = false
    private var failure: RuntimeFailure?

    /// - Parameters:
    ///   - cancelRequests: cancels all open requests.
    ///   - exit: ends the process, with the reason that it can't continue; nil after SIGTERM.
    package init(
        on loop: any TaskExecutor & Timers, _ runtime: Runtime, cancelRequests: @escaping @Sendable () -> Void,
        exit: @escaping @Sendable (RuntimeFailure?) -> Void
    ) {
        self.loop = loop
        self.runtime = runtime
        self.cancelRequests = cancelRequests
        self.exit = exit
    }

    /// - Parameter failure: the reason that the process can't continue; nil after SIGTERM.
    package func begin(_ failure: RuntimeFailure? = nil) {
        self.failure = self.failure ?? failure
        guard !hasBegun else { return }
        hasBegun = true
        _ = loop.schedule(after: Self.gracePeriod) { self.cancelRequests() }
        _ = loop.schedule(after: Self.abandonAfter) {
            Task.detached(executorPreference: self.loop) { await self.runtime.abandon() }
        }
        _ = loop.schedule(after: Self.exitAfter) { self.exit(self.failure) }
        Task.detached(executorPreference: loop) {
            await self.runtime.finish()
            self.exit(self.failure)
        }
    }
}
