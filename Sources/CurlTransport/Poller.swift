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
    private var wanted: [UInt32] = []
    private var told: [UInt32] = []
    private var changed: [Int32] = []
    /// Those that could be written to, but there is nothing to write: see `rest`.
    private var resting: [Bool] = []
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
    mutating func want(_ events: UInt32, of descriptor: Int32) {
        let index = Int(descriptor)
        while index >= wanted.count {
            wanted.append(0)
            told.append(0)
            resting.append(false)
        }
        resting[index] = false
        wanted[index] = events
        if events != told[index] { changed.append(descriptor) }
    }

    /// Nobody waits until a descriptor can be written to, whatever was wanted: until it is `stirred`, or something else
    /// is wanted of it.
    mutating func rest(_ descriptor: Int32) { resting[Int(descriptor)] = true }

    mutating func stir(_ descriptor: Int32) {
        guard resting.indices.contains(Int(descriptor)), resting[Int(descriptor)] else { return }
        resting[Int(descriptor)] = false
        changed.append(descriptor)
    }

    /// Nothing but writing is waited for, as on a socket that is being connected.
    func isOnlyWriter(_ descriptor: Int32) -> Bool {
        descriptor < wanted.count && wanted[Int(descriptor)] == Self.writable
    }

    /// Forgets a descriptor: at once, because its number may be given to another.
    mutating func forget(_ descriptor: Int32) {
        guard descriptor < wanted.count else { return }
        wanted[Int(descriptor)] = 0
        resting[Int(descriptor)] = false
        tell(descriptor)
    }

    /// The descriptors that somebody wants to write to, of which the kernel hasn't been told.
    var untoldWriters: [Int32] { changed.filter { isUntoldWriter($0) } }

    func isUntoldWriter(_ descriptor: Int32) -> Bool {
        effective(descriptor) & ~told[Int(descriptor)] & Self.writable != 0
    }

    /// Waits until something comes, but not longer than so many milliseconds.
    /// - Returns: how much has come, see `subscript`.
    mutating func wait(upTo milliseconds: Int32) -> Int {
        if !changed.isEmpty {
            let descriptors = changed
            changed.removeAll(keepingCapacity: true)
            for descriptor in descriptors { tell(descriptor) }
        }
        return Int(max(0, epoll_wait(epoll, &ready, Int32(ready.count), milliseconds)))
    }

    /// What has come with the last wait.
    subscript(index: Int) -> (descriptor: Int32, events: UInt32) { (ready[index].data.fd, ready[index].events) }

    private mutating func tell(_ descriptor: Int32) {
        let index = Int(descriptor)
        let events = effective(descriptor)
        guard events != told[index] else { return }
        let operation = told[index] == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        // One that is closed is forgotten; one for which the kernel has no memory now is told of again.
        if epoll_ctl(epoll, operation, descriptor, &event) == 0 || events == 0 {
            told[index] = events
        } else {
            changed.append(descriptor)
        }
    }

    private func effective(_ descriptor: Int32) -> UInt32 {
        wanted[Int(descriptor)] & (resting[Int(descriptor)] ? ~Self.writable : ~0)
    }
}
