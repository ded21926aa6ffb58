import Glibc

/// Asks a gateway that is just starting until it answers.
final class GatewayStart: CallerEvents {
    private let reactor: Reactor

    private init(_ reactor: Reactor) { self.reactor = reactor }

    /// - Throws: What the gateway said last, if it ends or has not answered after two minutes.
    static func wait(for subject: Subject, port: UInt16, _ work: Work, _ reactor: Reactor) throws(Fault) {
        var work = work
        work.promptBytes = 0
        let start = GatewayStart(reactor)
        while Clock.now() < subject.started + 120_000_000_000 {
            if !subject.isRunning { throw Fault("the gateway ended. Its last words:\n\(subject.lastWords())") }
            if let caller = try? HTTPCaller(work, reactor, port: port, streams: 1) {
                defer { caller.close() }
                caller.events = start
                caller.begin()
                if (try? reactor.run()) != nil { return }
            }
            usleep(1000)
        }
        throw Fault("the gateway has not answered for two minutes. Its last words:\n\(subject.lastWords())")
    }

    func becameIdle() {}
    func received(stamp: UInt64, at now: UInt64, in exchange: Exchange) { reactor.stop() }
    func ended(_ exchange: Exchange) {}
}
