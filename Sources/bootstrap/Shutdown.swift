import CurlTransport
import Glibc
import LambdaRuntime
import Proxy
import Transport

/// What happens between SIGTERM and the end: what is open may finish, then it is failed, then the process exits.
enum Shutdown {
    /// How long what is open may go on by itself. In milliseconds.
    private static let patience = 250
    /// Lambda kills 500 ms after SIGTERM.
    private static let end = 450

    static func begin(on loop: CurlLoop, _ runtime: Runtime, _ proxy: Proxy) {
        _ = loop.schedule(after: patience) { proxy.cancelAll() }
        _ = loop.schedule(after: end) { exit(0) }
        Task.detached(executorPreference: loop) {
            await runtime.finish()
            exit(0)
        }
    }
}
