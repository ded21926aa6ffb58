import CHarness
import Glibc
import HeapModule

/// Is called when its descriptor can be read or written.
protocol Watcher: AnyObject {
    func ready(_ events: UInt32)
}

/// Waits for descriptors and alarms, on one thread, until it is told to stop.
final class Reactor {
    /// Receives the bytes of all connections, which are read one at a time.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var watchers: [(any Watcher)?] = []
    private var alarms = Heap<Alarm>()
    private var events = [epoll_event](repeating: epoll_event(), count: 512)
    private var isStopped = false
    private var fault: Fault?

    deinit {
        close(epoll)
        scratch.deallocate()
    }

    func watch(_ descriptor: Int32, _ watcher: any Watcher) {
        while watchers.count <= Int(descriptor) { watchers.append(nil) }
        watchers[Int(descriptor)] = watcher
        control(EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue)
    }

    func wantsToWrite(_ descriptor: Int32, _ wants: Bool) {
        control(EPOLL_CTL_MOD, descriptor, wants ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue)
    }

    func forget(_ descriptor: Int32) {
        control(EPOLL_CTL_DEL, descriptor, 0)
        watchers[Int(descriptor)] = nil
    }

    func wake(_ target: any AlarmTarget, at due: UInt64) { alarms.insert(Alarm(due: due, target: target)) }

    func stop() { isStopped = true }

    func fail(_ reason: String) {
        fault = fault ?? Fault(reason)
        isStopped = true
    }

    /// Runs until `stop`. Throws the reason given to `fail`, or a fault if nothing happens for a minute.
    func run() throws(Fault) {
        (isStopped, fault) = (false, nil)
        while !isStopped {
            let count = harness_wait(epoll, &events, Int32(events.count), timeToNextAlarm())
            if count == 0 && alarms.isEmpty { throw Fault("nothing happened for a minute") }
            for index in 0..<max(Int(count), 0) {
                watchers[Int(events[index].data.fd)]?.ready(events[index].events)
            }
            soundAlarms()
        }
        if let fault { throw fault }
    }

    private func timeToNextAlarm() -> UInt64 {
        guard let next = alarms.min else { return 60_000_000_000 }
        let now = Clock.now()
        return next.due > now ? next.due - now : 0
    }

    /// Calls at most as many alarms as there are now. On a machine that can't keep up, the alarms that these set are due
    /// at once, and nothing else would run.
    private func soundAlarms() {
        for _ in 0..<alarms.count {
            let now = Clock.now()
            guard !isStopped, let next = alarms.min, next.due <= now else { return }
            alarms.removeMin().target.alarm(now: now)
        }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        epoll_ctl(epoll, operation, descriptor, &event)
    }
}
