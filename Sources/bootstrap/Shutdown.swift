import CurlTransport
import Glibc
import LambdaRuntime
import Logging
import Proxy
import Transport

/// What happens between SIGTERM, or a failure of the Runtime API, and the end: what is open may finish, then it is
/// failed, then its answers are given up, then the process exits.
///
/// `@unchecked Sendable`: used on the loop only.
final class Shutdown: @unchecked Sendable {
    /// How long what is open may go on by itself. In milliseconds.
    private static let patience = 250
    /// When answers are given up that nobody takes. In milliseconds.
    private static let lastWord = 400
    /// Lambda kills 500 ms after SIGTERM.
    private static let end = 450

    private let loop: CurlLoop
    private let runtime: Runtime
    private let proxy: Proxy
    private let logger: Logger
    private var hasBegun = false
    private var failure: RuntimeFailure?

    init(on loop: CurlLoop, _ runtime: Runtime, _ proxy: Proxy, _ logger: Logger) {
        self.loop = loop
        self.runtime = runtime
        self.proxy = proxy
        self.logger = logger
    }

    /// - Parameter failure: why the process can't go on; nil if it was told to end.
    func begin(_ failure: RuntimeFailure? = nil) {
        self.failure = self.failure ?? failure
        guard !hasBegun else { return }
        hasBegun = true
        _ = loop.schedule(after: Self.patience) { self.proxy.cancelAll() }
        _ = loop.schedule(after: Self.lastWord) {
            Task.detached(executorPreference: self.loop) { await self.runtime.abandon() }
        }
        _ = loop.schedule(after: Self.end) { self.exit() }
        Task.detached(executorPreference: loop) {
            await self.runtime.finish()
            self.exit()
        }
    }

    private func exit() {
        guard let failure else { Glibc.exit(0) }
        logger.critical("\(failure.message)")
        Glibc.exit(1)
    }
}
