import Glibc
import NIOCore

/// All environments. Chooses the one that gets the next invocation.
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
        launcher = Launcher(settings: settings, log: log, loop: loop)
    }

    /// Starts the first environment before it is needed, so that a configuration error shows at once.
    func prepare() {
        addEnvironment().start()
    }

    func submit(_ invocation: Invocation) {
        guard !isStopping, let environment = environmentWithRoom() else {
            return invocation.fail(.throttled(limit: settings.concurrency), log: log)
        }
        if let limit = settings.door.timeLimit {
            invocation.doorTimer = loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(limit * 1000))) {
                invocation.leave(after: limit, log: self.log)
            }
        }
        environment.submit(invocation)
    }

    /// Prefers a ready environment to one that must be started, and that to a new one.
    private func environmentWithRoom() -> Environment? {
        let free = environments.filter(\.hasRoom)
        if let ready = free.first(where: { $0.phase == .ready }) ?? free.first { return ready }
        return environments.count < settings.environmentLimit ? addEnvironment() : nil
    }

    private func addEnvironment() -> Environment {
        let environment = Environment(
            number: environments.count + 1, settings: settings, log: log, loop: loop,
            launcher: launcher)
        environments.append(environment)
        return environment
    }

    /// Ends every process as AWS does: SIGTERM, and half a second later SIGKILL.
    func stop() -> EventLoopFuture<Void> {
        isStopping = true
        environments.forEach { $0.stop(SIGTERM) }
        let done = loop.makePromise(of: Void.self)
        let deadline = NIODeadline.now() + .milliseconds(Settings.shutdownMilliseconds)
        waitForExits(until: deadline, done)
        return done.futureResult
    }

    private func waitForExits(until deadline: NIODeadline, _ done: EventLoopPromise<Void>) {
        let left = environments.filter(\.hasProcess)
        guard !left.isEmpty else { return done.succeed() }
        guard NIODeadline.now() < deadline else {
            left.forEach { $0.stop(SIGKILL) }
            return done.succeed()
        }
        loop.assumeIsolated().scheduleTask(in: .milliseconds(5)) { self.waitForExits(until: deadline, done) }
    }
}
