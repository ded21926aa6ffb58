import CurlTransport
@preconcurrency import Glibc

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
