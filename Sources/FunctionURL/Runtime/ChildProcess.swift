import CChildProcess
import Glibc
import NIOCore
import NIOPosix

/// A running child process. The kernel ends it when this process ends for any reason.
///
/// Confined to the event loop, whose thread lives as long as the process: the kernel sends the death signal when the
/// parent's thread ends.
final class ChildProcess {
    struct StartError: Error {
        var code: Int32
        var sentence: String { String(cString: strerror(code)) }
    }

    private let pid: pid_t
    private var hasExited = false

    /// Starts a program. Its stdout and stderr go to `output`.
    init(program: String, environment: [String: String], output: CInt) throws(StartError) {
        let pid = withCStrings([program]) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { child_process_start(arguments, $0, output) }
        }
        guard pid > 0 else { throw StartError(code: -pid) }
        self.pid = pid
    }

    /// Completes when the child exits. A thread of `pool` waits for that.
    func exit(on loop: any EventLoop, pool: NIOThreadPool) -> EventLoopFuture<ExitStatus> {
        let pid = pid
        let waited = pool.runIfActive(eventLoop: loop) {
            // WNOWAIT leaves a zombie, so that the kernel can't reuse the id before the loop knows of the exit.
            var info = siginfo_t()
            while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        }
        let child = NIOLoopBound(self, eventLoop: loop)
        return waited.map { child.value.reap() }
    }

    /// Signals the child's process group.
    func signal(_ number: Int32) {
        guard !hasExited else { return }
        kill(-pid, number)
    }

    private func reap() -> ExitStatus {
        // Processes that the child left behind would hold its connections open.
        signal(SIGKILL)
        hasExited = true
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return ExitStatus(raw: status)
    }
}

/// Passes the strings to C as a null-terminated array.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Result
) -> Result {
    let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return copies.withUnsafeBufferPointer { body($0.baseAddress) }
}

/// How a process ended, from the raw status of `waitpid`.
struct ExitStatus: Equatable, Sendable {
    var raw: Int32

    /// A phrase that follows "the runtime".
    var sentence: String {
        let signal = raw & 0x7f
        guard signal != 0 else { return "exited with status \((raw >> 8) & 0xff)" }
        let name = strsignal(signal).map { String(cString: $0) } ?? "unknown"
        return "was ended by signal \(signal) (\(name))"
    }
}

/// Splits a runtime's output into lines.
final class ChildOutput: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Longer lines are shown in pieces of this size.
    private static let longestLine = 64 * 1024

    private var pending: [UInt8] = []
    private let show: (String) -> Void

    init(show: @escaping (String) -> Void) {
        self.show = show
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for byte in Self.unwrapInboundIn(data).readableBytesView {
            if byte != UInt8(ascii: "\n") { pending.append(byte) }
            if byte == UInt8(ascii: "\n") || pending.count >= Self.longestLine { flush() }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !pending.isEmpty { flush() }
        context.fireChannelInactive()
    }

    private func flush() {
        show(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
