import CurlTransport
import Glibc
import LambdaRuntime
import Proxy
import Transport

/// What happens between SIGTERM, or a failure of the Runtime API, and the end: what is open may finish, then it is
/// failed, then the process exits.
enum Shutdown {
    /// How long what is open may go on by itself. In milliseconds.
    private static let patience = 250
    /// Lambda kills 500 ms after SIGTERM.
    private static let end = 450

    /// - Parameter exit: ends the process.
    static func begin(
        on loop: CurlLoop, _ runtime: Runtime, _ proxy: Proxy, _ exit: @escaping @Sendable () -> Void
    ) {
        _ = loop.schedule(after: patience) { proxy.cancelAll() }
        _ = loop.schedule(after: end, exit)
        Task.detached(executorPreference: loop) {
            await runtime.finish()
            exit()
        }
    }
}
