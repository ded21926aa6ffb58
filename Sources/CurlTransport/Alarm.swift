import CEpoll
import Glibc

/// Ends a wait from another thread: its descriptor can be read from then on.
final class Alarm: Sendable {
    let descriptor: Int32

    /// - Returns: nil if the process may have no more descriptors.
    init?() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    func ring() {
        var one: UInt64 = 1
        write(descriptor, &one, 8)
    }

    func silence() {
        var rings: UInt64 = 0
        read(descriptor, &rings, 8)
    }
}
