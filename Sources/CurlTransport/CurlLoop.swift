import CCurl
import Glibc
import Synchronization
import Transport

/// The one thread on which everything happens: libcurl's multi handle driven as a Swift executor.
///
/// Each turn runs the waiting Swift jobs, lets libcurl do what its sockets allow, reports finished transfers, and
/// resumes those that were paused. Policy is async code on this loop; bytes go from callback to callback without it.
///
/// `@unchecked Sendable`: apart from `inbox` and `thread`, which are synchronised, the state is touched only on the
/// thread that called `run()`, and `open` is only called by code that the loop runs.
package final class CurlLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// What other threads reach. As long as the loop is not closed, its multi handle may be woken up.
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isStopped = false
        var isClosed = false
    }

    private let inbox = Lock(Inbox())
    private let thread = Atomic<UInt>(0)
    let certificates: CertificateStore
    let sessions: SharedSessions
    let multi: UnsafeMutableRawPointer
    var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    var resumable: [Transfer] = []
    var timetable = Timetable()
    /// When this turn began, in milliseconds of `clock()`.
    private(set) var now = CurlLoop.clock()
    /// What `watch` was told: libcurl marks in the first what has come, the second has an action for each.
    private var watched: [curl_waitfd] = []
    private var watchers: [() -> Void] = []

    /// - Returns: nil if libcurl can't be initialised, which only happens when memory is exhausted.
    package init?(certificates: CertificateStore = CertificateStore([:])) {
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = curl_multi_init(),
            let sessions = SharedSessions()
        else { return nil }
        self.multi = multi
        self.sessions = sessions
        self.certificates = certificates
    }

    /// Runs the loop on the calling thread until `stop` is called. All transfers are ended before it returns.
    package func run() {
        thread.store(UInt(pthread_self()), ordering: .releasing)
        while !isStopped {
            now = Self.clock()
            runJobs()
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            reportFinished()
            // Behind what has come: after a freeze it may have been in time.
            runTimers()
            resumePaused()
            if isIdle { wait() }
        }
        for transfer in transfers.values { end(transfer, with: TransportError(.canceled, "the loop has stopped")) }
        runJobs()
        inbox.withLock { $0.isClosed = true }
        curl_multi_cleanup(multi)
    }

    /// Makes `run` return after its current turn. From any thread.
    package func stop() {
        inbox.withLock { inbox in
            inbox.isStopped = true
            if !inbox.isClosed { curl_multi_wakeup(multi) }
        }
    }

    var isStopped: Bool { inbox.withLock { $0.isStopped } }

    /// Calls `action` on the loop whenever there is something to read from a descriptor. On the loop, or before `run`.
    package func watch(_ descriptor: Int32, _ action: @escaping () -> Void) {
        watched.append(curl_waitfd(fd: descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0))
        watchers.append(action)
    }

    /// Until a socket, a timer of libcurl's or of ours, a watched descriptor or `curl_multi_wakeup` ends the wait.
    private func wait() {
        for index in watched.indices { watched[index].revents = 0 }
        curl_multi_poll(multi, &watched, UInt32(watched.count), longestWait, nil)
        for (descriptor, action) in zip(watched, watchers) where descriptor.revents != 0 { action() }
    }

    private var isIdle: Bool { resumable.isEmpty && inbox.withLock { $0.jobs.isEmpty && !$0.isStopped } }

    private func runJobs() {
        var batch: [UnownedJob] = []
        inbox.withLock { swap(&batch, &$0.jobs) }
        for job in batch {
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }

    /// `curl_easy_pause` may call back at once, so this is done between callbacks, once a turn for each transfer.
    private func resumePaused() {
        var batch: [Transfer] = []
        swap(&batch, &resumable)
        for transfer in batch { transfer.resume() }
    }

    private func reportFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let result = ccurl_message_result(message)
            if let transfer = transfers[easy] { end(transfer, with: transfer.error(result)) }
        }
    }
}

// MARK: - Executor

extension CurlLoop {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isOnLoop = isOnLoop
        inbox.withLock { inbox in
            inbox.jobs.append(job)
            if !isOnLoop, !inbox.isClosed { curl_multi_wakeup(multi) }
        }
    }

    package func checkIsolated() {
        precondition(isOnLoop, "code that belongs to the loop ran on another thread")
    }

    package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    private var isOnLoop: Bool { thread.load(ordering: .acquiring) == UInt(pthread_self()) }
}
