import CurlTransport
@preconcurrency import Glibc
import LambdaRuntime
import Logging
import Proxy
import Transport

/// Shuts down after SIGTERM or a failure of the Runtime API: open requests may finish; then they are canceled, then
/// their responses are abandoned, then the process exits.
///
/// `@unchecked Sendable`: used on the loop only.
final class Shutdown: @unchecked Sendable {
    /// After this many milliseconds, open requests are canceled.
    private static let gracePeriod = 250
    /// After this many milliseconds, responses that aren't accepted are abandoned.
    private static let abandonAfter = 400
    /// After this many milliseconds, the process exits: Lambda kills it 500 ms after SIGTERM.
    private static let exitAfter = 450

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

    /// - Parameter failure: the reason that the process can't continue; nil after SIGTERM.
    func begin(_ failure: RuntimeFailure? = nil) {
        self.failure = self.failure ?? failure
        guard !hasBegun else { return }
        hasBegun = true
        _ = loop.schedule(after: Self.gracePeriod) { self.proxy.cancelAll() }
        _ = loop.schedule(after: Self.abandonAfter) {
            Task.detached(executorPreference: self.loop) { await self.runtime.abandon() }
        }
        _ = loop.schedule(after: Self.exitAfter) { self.exit() }
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

/// Delivers SIGTERM to the loop.
enum Termination {
    /// The end of a pipe, to which the signal handler writes one byte.
    nonisolated(unsafe) private static var writeEnd: Int32 = -1

    /// Calls `action` on the loop at the first SIGTERM. Call it on the loop.
    static func notice(on loop: CurlLoop, _ action: @escaping () -> Void) {
        var ends: [Int32] = [-1, -1]
        // Without the pipe, SIGTERM keeps its default action and ends the process at once.
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        writeEnd = ends[1]
        let readEnd = ends[0]
        var isNoticed = false
        loop.watch(readEnd) {
            var byte: UInt8 = 0
            guard read(readEnd, &byte, 1) == 1, !isNoticed else { return }
            isNoticed = true
            action()
        }
        signal(SIGTERM) { _ in
            var byte: UInt8 = 0
            write(Termination.writeEnd, &byte, 1)
        }
    }
}
