import CEpoll
import Glibc

/// The descriptors on which something is waited for, in an epoll of the kernel's: a wait costs as much with a thousand
/// of them as with one.
///
/// What is wanted is only noted. The kernel is told before the next wait, if that isn't what it was told last. Mostly
/// it is: a socket takes at once what is written to it, so nobody has to wait until it can be written to.
struct Poller: ~Copyable {
    private let epoll: Int32
    /// Masks of epoll's. Descriptors are small numbers, so they are the indices.
    private var interest: [UInt32] = []
    private var registered: [UInt32] = []
    private var changed: [Int32] = []
    /// Those that could be written to, but there is nothing to write: see `rest`.
    private var hasSuspendedWrites: [Bool] = []
    private var ready = [epoll_event](repeating: epoll_event(), count: 64)

    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue

    /// - Returns: nil if the process may have no more descriptors.
    init?() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { return nil }
    }

    deinit { close(epoll) }

    /// Says what is waited for on a descriptor from now on.
    mutating func setInterest(_ events: UInt32, of descriptor: Int32) {
        let index = Int(descriptor)
        while index >= interest.count {
            interest.append(0)
            registered.append(0)
            hasSuspendedWrites.append(false)
        }
        hasSuspendedWrites[index] = false
        interest[index] = events
        if events != registered[index] { changed.append(descriptor) }
    }

    /// Nobody waits until a descriptor can be written to, whatever was interest: until it is `stirred`, or something else
    /// is wanted of it.
    mutating func suspendWrites(_ descriptor: Int32) { hasSuspendedWrites[Int(descriptor)] = true }

    mutating func resumeWrites(_ descriptor: Int32) {
        guard hasSuspendedWrites.indices.contains(Int(descriptor)), hasSuspendedWrites[Int(descriptor)] else { return }
        hasSuspendedWrites[Int(descriptor)] = false
        changed.append(descriptor)
    }

    /// Nothing but writing is waited for, as on a socket that is being connected.
    func waitsOnlyToWrite(_ descriptor: Int32) -> Bool {
        descriptor < interest.count && interest[Int(descriptor)] == Self.writable
    }

    /// Forgets a descriptor: at once, because its number may be given to another.
    mutating func remove(_ descriptor: Int32) {
        guard descriptor < interest.count else { return }
        interest[Int(descriptor)] = 0
        hasSuspendedWrites[Int(descriptor)] = false
        register(descriptor)
    }

    /// The descriptors that somebody wants to write to, of which the kernel hasn't been registered.
    var unregisteredWriters: [Int32] { changed.filter { isUnregisteredWriter($0) } }

    func isUnregisteredWriter(_ descriptor: Int32) -> Bool {
        effective(descriptor) & ~registered[Int(descriptor)] & Self.writable != 0
    }

    /// Waits until something comes, but not longer than so many milliseconds.
    /// - Returns: how much has come, see `subscript`.
    mutating func wait(upTo milliseconds: Int32) -> Int {
        if !changed.isEmpty {
            let descriptors = changed
            changed.removeAll(keepingCapacity: true)
            for descriptor in descriptors { register(descriptor) }
        }
        return Int(max(0, epoll_wait(epoll, &ready, Int32(ready.count), milliseconds)))
    }

    /// What has come with the last wait.
    subscript(index: Int) -> (descriptor: Int32, events: UInt32) { (ready[index].data.fd, ready[index].events) }

    private mutating func register(_ descriptor: Int32) {
        let index = Int(descriptor)
        let events = effective(descriptor)
        guard events != registered[index] else { return }
        let operation = registered[index] == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        // One that is closed is forgotten; one for which the kernel has no memory now is told of again.
        if epoll_ctl(epoll, operation, descriptor, &event) == 0 || events == 0 {
            registered[index] = events
        } else {
            changed.append(descriptor)
        }
    }

    private func effective(_ descriptor: Int32) -> UInt32 {
        interest[Int(descriptor)] & (hasSuspendedWrites[Int(descriptor)] ? ~Self.writable : ~0)
    }
}

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
