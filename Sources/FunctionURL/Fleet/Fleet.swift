import Glibc
import NIOCore

/// All environments, and who gets the next invocation.
///
/// Confined to the event loop.
final class Fleet {
    private let settings: Settings
    private let log: Log
    private let loop: any EventLoop
    private let launcher: Launcher
    private var environments: [Environment] = []
    private var isStopping = false

    init(settings: Settings, log: Log, loop: any EventLoop) {
        self.settings = settings
        self.log = log
        self.loop = loop
        self.launcher = Launcher(settings: settings, log: log, loop: loop)
    }

    /// Starts the first environment before it is needed, so that a faulty configuration shows at once.
    func prepare() {
        self.addEnvironment().start()
    }

    func submit(_ invocation: Invocation) {
        guard !self.isStopping, let environment = self.environmentWithRoom() else {
            return invocation.fail(.throttled(limit: self.settings.concurrency), log: self.log)
        }
        environment.submit(invocation)
    }

    /// A ready one before one that must be started, and that before one more.
    private func environmentWithRoom() -> Environment? {
        let free = self.environments.filter(\.hasRoom)
        if let ready = free.first(where: { $0.phase == .ready }) ?? free.first { return ready }
        return self.environments.count < self.settings.environmentLimit ? self.addEnvironment() : nil
    }

    private func addEnvironment() -> Environment {
        let environment = Environment(
            number: self.environments.count + 1, settings: self.settings, log: self.log, loop: self.loop,
            launcher: self.launcher)
        self.environments.append(environment)
        return environment
    }

    /// Ends every process as AWS does: SIGTERM, and half a second later SIGKILL.
    func stop() -> EventLoopFuture<Void> {
        self.isStopping = true
        self.environments.forEach { $0.stop(SIGTERM) }
        let done = self.loop.makePromise(of: Void.self)
        let deadline = NIODeadline.now() + .milliseconds(Settings.shutdownMilliseconds)
        self.waitForExits(until: deadline, done)
        return done.futureResult
    }

    private func waitForExits(until deadline: NIODeadline, _ done: EventLoopPromise<Void>) {
        let left = self.environments.filter(\.hasProcess)
        guard !left.isEmpty else { return done.succeed() }
        guard NIODeadline.now() < deadline else {
            left.forEach { $0.stop(SIGKILL) }
            return done.succeed()
        }
        self.loop.assumeIsolated().scheduleTask(in: .milliseconds(5)) { self.waitForExits(until: deadline, done) }
    }
}
