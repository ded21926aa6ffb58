package import Transport

/// The loop of one simulated process: the executor of its tasks, its timers and its transport, as `CurlLoop` is in the
/// program.
///
/// `@unchecked Sendable`: a life runs on one thread.
package final class SimulatedLoop: SerialExecutor, TaskExecutor, Timers, HTTPTransport, @unchecked Sendable {
    package let schedule: Schedule
    /// Gives each request to the peer that its URL names; nil if there is no such host.
    let peer: (TransportRequest) -> (any Peer)?
    private(set) var isFrozen = false
    private var heldJobs: [UnownedJob] = []
    private var heldArrivals: [() -> Void] = []
    private var heldTimers: [(id: TimerID, action: () -> Void)] = []
    /// The process has ended: everything that it tries fails at once, until its tasks are done.
    private(set) var isDead = false
    /// The open exchanges, oldest first.
    private(set) var exchanges: [Exchange] = []
    private(set) var pendingTimers = 0

    package init(_ schedule: Schedule, peer: @escaping (TransportRequest) -> (any Peer)?) {
        self.schedule = schedule
        self.peer = peer
    }

    /// Runs a task on this loop.
    package func spawn(_ body: @escaping @Sendable () async -> Void) {
        Task.detached(executorPreference: self, operation: body)
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isFrozen { heldJobs.append(job) } else { schedule.enqueue(job, on: self) }
    }

    // MARK: Timers

    package func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID {
        pendingTimers += 1
        // In a dead process nothing waits.
        return timer(at: schedule.now + Int64(isDead ? 0 : max(0, milliseconds))) { [self] in
            pendingTimers -= 1
            action()
        }
    }

    package func cancel(_ timer: TimerID) {
        if cancelTimer(timer) { pendingTimers -= 1 }
    }

    /// A timer of the transport, or of the program.
    func timer(at due: Int64, _ action: @escaping () -> Void) -> TimerID {
        // Known only after the event is scheduled, and used only after that.
        var id = TimerID(due: 0, number: 0)
        id = schedule.at(due) { [self] in
            if isFrozen { heldTimers.append((id, action)) } else { action() }
        }
        return id
    }

    @discardableResult
    func cancelTimer(_ id: TimerID) -> Bool {
        if schedule.cancel(id) { return true }
        guard let index = heldTimers.firstIndex(where: { $0.id == id }) else { return false }
        heldTimers.remove(at: index)
        return true
    }

    /// Calls an action when the network brings something.
    package func deliver(after milliseconds: Int, _ action: @escaping () -> Void) {
        schedule.after(milliseconds) { [self] in
            if isFrozen { heldArrivals.append(action) } else { action() }
        }
    }

    // MARK: Freezing and death

    func freeze() { isFrozen = true }

    /// First what has arrived meanwhile, then the timers that have become due, as on the program's loop.
    func thaw() {
        isFrozen = false
        for job in heldJobs { schedule.enqueue(job, on: self) }
        let arrivals = heldArrivals
        (heldJobs, heldArrivals) = ([], [])
        for arrival in arrivals { arrival() }
        schedule.after(1) { [self] in
            while !heldTimers.isEmpty { heldTimers.removeFirst().action() }
        }
    }

    /// The process ends, as if it were killed. Its tasks run on, unseen, so that they are released.
    func die() {
        isDead = true
        thaw()
        for exchange in exchanges { exchange.end(with: TransportError(.canceled, "the process has ended")) }
    }

    // MARK: Transport

    package func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        guard !isDead else { throw TransportError(.canceled, "the process has ended") }
        if let reason = request.cancellation?.reason { throw reason }
        let exchange = Exchange(request, on: self)
        exchanges.append(exchange)
        exchange.begin(at: peer(request))
        return try await exchange.response()
    }

    func forget(_ exchange: Exchange) {
        guard let index = exchanges.firstIndex(where: { $0 === exchange }) else { return }
        exchanges.remove(at: index)
    }
}

/// A server in the simulated world.
package protocol Peer: AnyObject {
    /// A client begins an exchange. The peer decides whether it connects, and what it receives and answers.
    func receive(_ exchange: Exchange)
}
