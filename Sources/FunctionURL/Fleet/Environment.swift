import Glibc
import NIOCore

/// One execution environment: a process, a Runtime API of its own, and the invocations that it has been given.
///
///     stopped ──start──▶ starting ──first poll──▶ ready ──exit──▶ stopped
///                            └────────exit: a failed start────────▲
///
/// Confined to the event loop. Its Runtime API has its own port, which is how a process is told from the others.
final class Environment {
    enum Phase: Equatable { case stopped, starting, ready, dying }

    let number: Int
    let settings: Settings
    let log: Log
    private let loop: any EventLoop
    private let launcher: Launcher
    private(set) var phase = Phase.stopped
    private var isStopping = false
    /// How often a process was started: a connection of an earlier one may still have words to say.
    private(set) var generation = 0
    private var backoff = Backoff()
    private var child: ChildProcess?
    private var initTimer: Scheduled<Void>?
    /// What the runtime said of its own failed start.
    private var initError: RuntimeError?
    var extensionIDs: Set<String> = []

    /// Polls of the runtime that wait for an invocation.
    var polls: [RuntimeHandler] = []
    /// Invocations that wait for a poll.
    private var queue: [Invocation] = []
    private(set) var running: [String: Invocation] = [:]
    /// Invocations whose answer nobody waits for any more, the last few.
    private(set) var timedOut: [String] = []

    init(number: Int, settings: Settings, log: Log, loop: any EventLoop, launcher: Launcher) {
        self.number = number
        self.settings = settings
        self.log = log
        self.loop = loop
        self.launcher = launcher
    }

    var hasRoom: Bool { self.queue.count + self.running.count < self.settings.invocationsPerEnvironment }

    // MARK: Invocations

    func submit(_ invocation: Invocation) {
        let wait = self.backoff.wait(at: InvocationIdentity.now())
        guard self.phase != .stopped || wait == 0 else {
            let again = "next try in \(Double(wait) / 1000) s at the earliest"
            return invocation.fail(.runtimeDoesNotStart("\(self.lastInitError); \(again)"), log: self.log)
        }
        // Counts from here while the runtime starts, and again from the delivery on.
        self.startTimer(of: invocation)
        self.queue.append(invocation)
        if self.phase == .stopped { self.start() } else { self.pump() }
    }

    func pump() {
        let limit = self.settings.invocationsPerEnvironment
        while self.phase == .ready, self.running.count < limit, !self.polls.isEmpty, !self.queue.isEmpty {
            let invocation = self.queue.removeFirst()
            let poll = self.polls.removeFirst()
            self.running[invocation.id] = invocation
            invocation.deliver()
            self.startTimer(of: invocation)
            let deadline = InvocationIdentity.now() + Int(self.settings.timeout * 1000)
            poll.deliver(invocation, deadline: deadline, functionARN: self.settings.functionARN)
            self.log.detail("\(invocation.label): \(invocation.id) delivered to environment \(self.number)")
        }
    }

    private func startTimer(of invocation: Invocation) {
        invocation.timer?.cancel()
        invocation.timer = self.loop.assumeIsolated().scheduleTask(
            in: .milliseconds(Int64(self.settings.timeout * 1000))
        ) { self.timeOut(invocation) }
    }

    private func timeOut(_ invocation: Invocation) {
        let wasDelivered = self.running[invocation.id] != nil
        self.timedOut = self.timedOut.suffix(99) + [invocation.id]
        // Lambda restarts a classic environment; on a managed instance other invocations share the process.
        let restarts = wasDelivered ? !self.settings.isManagedInstance : self.phase == .starting
        if restarts { self.end(SIGKILL) }
        self.fail(invocation, .timedOut(seconds: self.settings.timeout))
    }

    func fail(_ invocation: Invocation, _ failure: Failure) {
        self.forget(invocation)
        invocation.fail(failure, log: self.log)
        self.pump()
    }

    /// Makes room, before the caller hears the end: its next request may follow from within that.
    func forget(_ invocation: Invocation) {
        self.running[invocation.id] = nil
        self.queue.removeAll { $0 === invocation }
    }

    // MARK: The process

    func start() {
        guard self.phase == .stopped else { return }
        self.phase = .starting
        self.generation += 1
        self.initError = nil
        self.launcher.launch(self) { result in
            switch result {
            case .success(let child): self.started(child)
            case .failure(let error): self.failedStart(error.reason)
            }
        }
    }

    private func started(_ child: ChildProcess) {
        self.child = child
        self.initTimer = self.loop.assumeIsolated().scheduleTask(in: .seconds(Settings.initSeconds)) {
            self.log.note("the runtime hasn't polled for \(Settings.initSeconds) s; AWS would restart it now")
        }
    }

    func exited(_ status: ExitStatus) {
        let hadStarted = self.phase != .starting
        self.child = nil
        self.polls = []
        self.extensionIDs = []
        self.initTimer?.cancel()
        guard !self.isStopping else { return }
        guard hadStarted else {
            return self.failedStart("it \(status.sentence) before its first poll")
        }
        self.phase = .stopped
        self.log.note("the runtime \(status.sentence); the next request starts it again")
        // An answer that is being received ends with its connection: it may be complete.
        for invocation in self.running.values where !invocation.isBeingAnswered {
            self.fail(invocation, .runtimeDied(status.sentence))
        }
        if !self.queue.isEmpty { self.start() }
    }

    private func failedStart(_ reason: String) {
        self.phase = .stopped
        self.backoff.failed(at: InvocationIdentity.now())
        self.initError = self.initError ?? RuntimeError(type: "Runtime.ExitError", message: reason)
        self.log.note("the runtime doesn't start (try \(self.backoff.failures)): \(self.lastInitError)")
        let waiting = self.queue
        self.queue = []
        waiting.forEach { $0.fail(.runtimeDoesNotStart(self.lastInitError), log: self.log) }
    }

    /// The runtime has given up its start; it is expected to exit, and helped to if it doesn't.
    func giveUpStart(_ error: RuntimeError) {
        self.log.note("init error: \(error.sentence)")
        guard self.phase == .starting else { return }
        self.initError = error
        self.initTimer?.cancel()
        self.initTimer = self.loop.assumeIsolated().scheduleTask(in: .milliseconds(Settings.shutdownMilliseconds)) {
            self.end(SIGKILL)
        }
    }

    func becomeReady() {
        guard self.phase == .starting else { return }
        self.phase = .ready
        self.backoff.succeeded()
        self.initTimer?.cancel()
        self.log.detail("environment \(self.number) is ready")
    }

    private var lastInitError: String { self.initError?.sentence ?? "no reason given" }

    /// Ends the process for good.
    func stop(_ signal: Int32) {
        self.isStopping = true
        self.end(signal)
    }

    private func end(_ signal: Int32) {
        guard let child = self.child else { return }
        if self.phase != .starting { self.phase = .dying }
        child.signal(signal)
    }

    var hasProcess: Bool { self.child != nil }
}
