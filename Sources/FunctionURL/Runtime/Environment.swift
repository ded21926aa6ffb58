import Glibc
import NIOCore

/// One execution environment: a process, its own Runtime API, and the invocations assigned to it.
///
///     stopped ──start──▶ starting ──first poll──▶ ready ──exit──▶ stopped
///                            └────────exit: a failed start────────▲
///
/// Confined to the event loop. Each environment's Runtime API has its own port, which identifies the process.
final class Environment {
    enum Phase: Equatable { case stopped, starting, ready, dying }

    let number: Int
    let settings: Settings
    let log: Log
    private let loop: any EventLoop
    private let launcher: Launcher
    private(set) var phase = Phase.stopped
    private var isStopping = false
    /// How often a process was started. Tells the connections of an earlier process from those of the current one.
    private(set) var generation = 0
    private var backoff = Backoff()
    private var child: ChildProcess?
    private var initTimer: Scheduled<Void>?
    /// The error that the runtime reported for its failed start.
    private var initError: RuntimeError?
    var extensionIDs: Set<String> = []

    /// Polls of the runtime that wait for an invocation.
    var polls: [RuntimeHandler] = []
    /// Invocations that wait for a poll.
    private var queue: [Invocation] = []
    private(set) var running: [String: Invocation] = [:]
    /// The ids of the last invocations that timed out. Late responses to them are refused.
    private(set) var timedOut: [String] = []

    init(number: Int, settings: Settings, log: Log, loop: any EventLoop, launcher: Launcher) {
        self.number = number
        self.settings = settings
        self.log = log
        self.loop = loop
        self.launcher = launcher
    }

    var hasRoom: Bool { queue.count + running.count < settings.invocationsPerEnvironment }

    // MARK: Invocations

    func submit(_ invocation: Invocation) {
        let wait = backoff.wait(at: InvocationIdentity.now())
        guard phase != .stopped || wait == 0 else {
            let again = "next try in \(Double(wait) / 1000) s at the earliest"
            return invocation.fail(.runtimeDoesNotStart("\(lastInitError); \(again)"), log: log)
        }
        // The timer runs while the runtime starts, and starts again on delivery.
        startTimer(of: invocation)
        queue.append(invocation)
        if phase == .stopped { start() } else { pump() }
    }

    func pump() {
        let limit = settings.invocationsPerEnvironment
        while phase == .ready, running.count < limit, !polls.isEmpty, !queue.isEmpty {
            let invocation = queue.removeFirst()
            let poll = polls.removeFirst()
            running[invocation.id] = invocation
            invocation.deliver()
            startTimer(of: invocation)
            let deadline = InvocationIdentity.now() + Int(settings.timeout * 1000)
            poll.deliver(invocation, deadline: deadline, functionARN: settings.functionARN)
            log.detail("\(invocation.label): \(invocation.id) delivered to environment \(number)")
        }
    }

    private func startTimer(of invocation: Invocation) {
        invocation.timer?.cancel()
        invocation.timer = loop.assumeIsolated().scheduleTask(
            in: .milliseconds(Int64(settings.timeout * 1000))
        ) { self.timeOut(invocation) }
    }

    private func timeOut(_ invocation: Invocation) {
        let wasDelivered = running[invocation.id] != nil
        timedOut = timedOut.suffix(99) + [invocation.id]
        // Lambda restarts a classic environment. On a managed instance, other invocations share the process.
        let restarts = wasDelivered ? !settings.isManagedInstance : phase == .starting
        if restarts { end(SIGKILL) }
        fail(invocation, .timedOut(seconds: settings.timeout))
    }

    func fail(_ invocation: Invocation, _ failure: Failure) {
        forget(invocation)
        invocation.fail(failure, log: log)
        pump()
    }

    /// Makes room before the caller gets the end of its response: a pipelined request may be handled during that call.
    func forget(_ invocation: Invocation) {
        running[invocation.id] = nil
        queue.removeAll { $0 === invocation }
    }

    // MARK: The process

    func start() {
        guard phase == .stopped else { return }
        phase = .starting
        generation += 1
        initError = nil
        launcher.launch(self) { result in
            switch result {
            case .success(let child): self.started(child)
            case .failure(let error): self.failedStart(error.reason)
            }
        }
    }

    private func started(_ child: ChildProcess) {
        self.child = child
        initTimer = loop.assumeIsolated().scheduleTask(in: .seconds(Settings.initSeconds)) {
            self.log.note("the runtime hasn't polled within \(Settings.initSeconds) s; AWS would restart it now")
        }
    }

    func exited(_ status: ExitStatus) {
        let hadStarted = phase != .starting
        child = nil
        polls = []
        extensionIDs = []
        initTimer?.cancel()
        guard !isStopping else { return }
        guard hadStarted else {
            return failedStart("it \(status.sentence) before its first poll")
        }
        phase = .stopped
        log.note("the runtime \(status.sentence); the next request starts it again")
        // A response that is being received ends with its connection. It may be complete.
        for invocation in running.values where !invocation.isResponding {
            fail(invocation, .runtimeDied(status.sentence))
        }
        if !queue.isEmpty { start() }
    }

    private func failedStart(_ reason: String) {
        phase = .stopped
        backoff.failed(at: InvocationIdentity.now())
        initError = initError ?? RuntimeError(type: "Runtime.ExitError", message: reason)
        log.note("the runtime doesn't start (try \(backoff.failures)): \(lastInitError)")
        let waiting = queue
        queue = []
        waiting.forEach { $0.fail(.runtimeDoesNotStart(lastInitError), log: log) }
    }

    /// Handles a runtime's report that its initialization failed. It should exit now; if it doesn't, it is killed.
    func giveUpStart(_ error: RuntimeError) {
        log.note("init error: \(error.sentence)")
        guard phase == .starting else { return }
        initError = error
        initTimer?.cancel()
        initTimer = loop.assumeIsolated().scheduleTask(in: .milliseconds(Settings.shutdownMilliseconds)) {
            self.end(SIGKILL)
        }
    }

    func becomeReady() {
        guard phase == .starting else { return }
        phase = .ready
        backoff.succeeded()
        initTimer?.cancel()
        log.detail("environment \(number) is ready")
    }

    private var lastInitError: String { initError?.sentence ?? "no reason given" }

    /// Ends the process for good.
    func stop(_ signal: Int32) {
        isStopping = true
        end(signal)
    }

    private func end(_ signal: Int32) {
        guard let child else { return }
        if phase != .starting { phase = .dying }
        child.signal(signal)
    }

    var hasProcess: Bool { child != nil }
}

/// How long to wait before restarting a runtime that failed to start.
struct Backoff: Equatable {
    private(set) var failures = 0
    private var blockedUntil = 0

    /// Records a failed start.
    /// - Parameter now: in milliseconds.
    mutating func failed(at now: Int) {
        failures += 1
        // The second attempt needs no wait: the failure may have been transient, or is fixed by now.
        let delay = failures < 2 ? 0 : min(250 << min(failures - 2, 10), 5_000)
        blockedUntil = now + delay
    }

    mutating func succeeded() {
        self = Backoff()
    }

    /// Milliseconds until the next attempt; 0 if it may be made now.
    func wait(at now: Int) -> Int {
        max(0, blockedUntil - now)
    }
}
