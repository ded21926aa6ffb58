import CEpoll
import Glibc

/// The descriptors that the loop waits on, in an epoll instance: a wait costs the same for a thousand descriptors as
/// for one.
///
/// `setInterest` only records the new mask. The kernel is told before the next wait, and only if the mask differs from
/// the registered one. It rarely does: a socket usually accepts a write at once, so there is no need to wait for it.
struct Poller: ~Copyable {
    private let epoll: Int32
    /// Epoll masks, indexed by descriptor: descriptors are small numbers.
    private var interest: [UInt32] = []
    private var registered: [UInt32] = []
    private var changed: [Int32] = []
    /// Descriptors with nothing to write at the moment: see `suspendWrites`.
    private var hasSuspendedWrites: [Bool] = []
    private var ready = [epoll_event](repeating: epoll_event(), count: 64)

    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue

    /// - Returns: nil if the process is out of descriptors.
    init?() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { return nil }
    }

    deinit { close(epoll) }

    /// Sets the events to wait for on a descriptor.
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

    /// Stops waiting for a descriptor to become writable, until `resumeWrites` or `setInterest` is called for it.
    mutating func suspendWrites(_ descriptor: Int32) { hasSuspendedWrites[Int(descriptor)] = true }

    mutating func resumeWrites(_ descriptor: Int32) {
        guard hasSuspendedWrites.indices.contains(Int(descriptor)), hasSuspendedWrites[Int(descriptor)] else { return }
        hasSuspendedWrites[Int(descriptor)] = false
        changed.append(descriptor)
    }

    /// Whether the descriptor waits only to become writable, as a connecting socket does.
    func waitsOnlyToWrite(_ descriptor: Int32) -> Bool {
        descriptor < interest.count && interest[Int(descriptor)] == Self.writable
    }

    /// Removes a descriptor from epoll at once, because its number may be reused.
    mutating func remove(_ descriptor: Int32) {
        guard descriptor < interest.count else { return }
        interest[Int(descriptor)] = 0
        hasSuspendedWrites[Int(descriptor)] = false
        register(descriptor)
    }

    /// The descriptors that want to become writable but are not registered for it yet.
    var unregisteredWriters: [Int32] { changed.filter { isUnregisteredWriter($0) } }

    func isUnregisteredWriter(_ descriptor: Int32) -> Bool {
        effective(descriptor) & ~registered[Int(descriptor)] & Self.writable != 0
    }

    /// Waits for events, but no longer than this.
    /// - Returns: the number of events; read them with `subscript`.
    mutating func wait(upTo milliseconds: Int32) -> Int {
        if !changed.isEmpty {
            let descriptors = changed
            changed.removeAll(keepingCapacity: true)
            for descriptor in descriptors { register(descriptor) }
        }
        return Int(max(0, epoll_wait(epoll, &ready, Int32(ready.count), milliseconds)))
    }

    /// An event of the last wait.
    subscript(index: Int) -> (descriptor: Int32, events: UInt32) { (ready[index].data.fd, ready[index].events) }

    private mutating func register(_ descriptor: Int32) {
        let index = Int(descriptor)
        let events = effective(descriptor)
        guard events != registered[index] else { return }
        let operation = registered[index] == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        // A closed descriptor needs no retry; one for which the kernel had no memory is retried before the next wait.
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

/// Ends a wait from another thread by making its descriptor readable.
final class Alarm: Sendable {
    let descriptor: Int32

    /// - Returns: nil if the process is out of descriptors.
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
