import CCurl
import Glibc
import Synchronization
package import Transport

/// The event loop: libcurl's multi handle on one thread, which is also the executor of all Swift tasks.
///
/// Each turn waits for events, lets libcurl read and write its sockets, runs the queued Swift jobs, resumes paused
/// transfers, and reports finished ones. Policy is async code on this loop; body bytes pass from callback to callback
/// without it.
///
/// `@unchecked Sendable`: apart from `inbox` and `thread`, which are synchronized, the state is touched only on the
/// thread that called `run()`, and `open` is only called by code that the loop runs.
package final class CurlLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// State that other threads use.
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let inbox = Lock(Inbox())
    private let thread = Atomic<UInt>(0)
    private let alarm: Alarm
    let certificates: CertificateStore
    let sessions: SharedSessions
    let multi: UnsafeMutableRawPointer
    var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    var resumable: [Transfer] = []
    /// Transfers whose writes were suspended and that have something to send again.
    var readyToSend: [Transfer] = []
    /// The transfer that last gave libcurl bytes to send.
    var lastSender: Transfer?
    var timerQueue = TimerQueue()
    /// Whether a connection attempt has failed that may be retried at another address.
    var hasFailedAddress = false
    /// When this turn began, in milliseconds of `clock()`.
    private(set) var now = CurlLoop.clock()
    /// The total time that Swift jobs have kept the loop from its sockets, in milliseconds.
    private(set) var ownDelay: Int64 = 0
    var poller: Poller
    var sockets = SocketTable()
    /// Descriptors registered with `watch`: two or three at most.
    var watchers: [(descriptor: Int32, action: () -> Void)] = []

    /// - Returns: nil if libcurl can't be initialized, which happens only when memory or descriptors are exhausted.
    package init?(certificates: CertificateStore = CertificateStore([:])) {
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = curl_multi_init(),
            let sessions = SharedSessions(), let poller = Poller(), let alarm = Alarm()
        else { return nil }
        self.multi = multi
        self.sessions = sessions
        self.certificates = certificates
        self.poller = poller
        self.alarm = alarm
        watch(alarm.descriptor) { alarm.silence() }
        installSocketCallback()
    }

    /// Runs the loop on the calling thread until `stop` is called. All transfers are ended before it returns.
    package func run() {
        thread.store(UInt(pthread_self()), ordering: .releasing)
        while !isStopped {
            let ready = poller.wait(upTo: isIdle ? longestWait : 0)
            now = Self.clock()
            serve(ready)
            runJobs()
            discountOwnDelay()
            handleTimeouts()
            resumePaused()
            writeEagerly()
            reportFinished()
            // After the events, because after a freeze those may have arrived in time.
            runTimers()
        }
        for transfer in transfers.values { end(transfer, with: TransportError(.canceled, "the loop has stopped")) }
        runJobs()
        curl_multi_cleanup(multi)
    }

    /// Makes `run` return after its current turn. From any thread.
    package func stop() {
        inbox.withLock { $0.isStopped = true }
        alarm.ring()
    }

    var isStopped: Bool { inbox.withLock { $0.isStopped } }

    private var isIdle: Bool {
        resumable.isEmpty && readyToSend.isEmpty && inbox.withLock { $0.jobs.isEmpty && !$0.isStopped }
    }

    /// Runs the queued jobs and those that they enqueue: a task that hops between actors is a new job each time, and
    /// would otherwise wait a turn of the loop for each. The number of batches is limited so that sockets get their
    /// turn.
    private func runJobs() {
        var batch: [UnownedJob] = []
        for _ in 0..<Self.mostBatches {
            inbox.withLock { swap(&batch, &$0.jobs) }
            if batch.isEmpty { return }
            for job in batch {
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            batch.removeAll(keepingCapacity: true)
        }
    }

    private static let mostBatches = 8

    /// Responses may be waiting in sockets that couldn't be read while this turn's jobs ran, so that time doesn't count
    /// towards the peers' timeouts.
    private func discountOwnDelay() {
        let end = Self.clock()
        let delay = end - now - Self.shortTurn
        guard delay > 0 else { return }
        now = end
        ownDelay += delay
        for transfer in transfers.values { transfer.allowMoreTimeToConnect() }
    }

    /// Turns up to this long need no correction. In milliseconds.
    private static let shortTurn: Int64 = 10

    /// The time for peers' timeouts: `now` without the loop's own delays.
    var peerTime: Int64 { now - ownDelay }

    /// Runs between callbacks, once per turn for each transfer, because `curl_easy_pause` may call back at once.
    private func resumePaused() {
        var batch: [Transfer] = []
        swap(&batch, &resumable)
        let mayHaveUnread = batch.contains { $0.mayHaveUnread }
        for transfer in batch { transfer.resume() }
        // Bytes that TLS has read ahead make no socket readable, so read them now.
        if mayHaveUnread { handleTimeouts() }
    }

    private func reportFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let result = ccurl_message_result(message)
            guard let transfer = transfers[easy] else { continue }
            if transfer.begin == .needsNewConnection {
                restart(transfer)
            } else {
                end(transfer, with: transfer.error(result))
            }
        }
    }

    private func restart(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        transfer.restart()
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            return end(transfer, with: TransportError(.invalidRequest, "libcurl refused another transfer"))
        }
    }
}

// MARK: - Executor

extension CurlLoop {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        inbox.withLock { $0.jobs.append(job) }
        if !isOnLoop { alarm.ring() }
    }

    package func checkIsolated() {
        precondition(isOnLoop, "code that belongs to the loop ran on another thread")
    }

    package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    private var isOnLoop: Bool { thread.load(ordering: .acquiring) == UInt(pthread_self()) }
}

extension CurlLoop: HTTPTransport {
    package func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        guard !isStopped else { throw TransportError(.canceled, "the loop has stopped") }
        if let reason = request.cancellation?.reason { throw reason }
        guard let transfer = Transfer(request, on: self) else {
            throw TransportError(.invalidRequest, "libcurl has no memory for another transfer")
        }
        transfers[transfer.easy] = transfer
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            transfers[transfer.easy] = nil
            let error = TransportError(.invalidRequest, "libcurl refused another transfer")
            transfer.finish(error)
            throw error
        }
        return try await transfer.response()
    }

    /// Removes a transfer from the loop and resumes its waiting task. Never call it from one of the transfer's
    /// callbacks.
    /// - Parameter error: nil if the transfer succeeded.
    func end(_ transfer: Transfer, with error: TransportError?) {
        guard transfers.removeValue(forKey: transfer.easy) != nil else { return }
        curl_multi_remove_handle(multi, transfer.easy)
        resumable.removeAll { $0 === transfer }
        readyToSend.removeAll { $0 === transfer }
        transfer.finish(error)
    }
}

/// A value protected by a mutex. It uses pthread's mutex because the Thread Sanitizer doesn't understand the one in the
/// Synchronization module.
///
/// `@unchecked Sendable`: the value is only accessed while the mutex is held.
final class Lock<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
