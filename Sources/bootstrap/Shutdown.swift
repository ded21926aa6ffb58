import CurlTransport
@preconcurrency import Glibc
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

/// SIGTERM, as something that happens on the loop.
enum Termination {
    /// What a signal handler may touch: a pipe's end, to write one byte to.
    nonisolated(unsafe) private static var writeEnd: Int32 = -1

    /// Calls `action` on the loop at the first SIGTERM. On the loop.
    static func notice(on loop: CurlLoop, _ action: @escaping () -> Void) {
        var ends: [Int32] = [-1, -1]
        // Without the pipe SIGTERM ends the process at once, as it does by default.
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
