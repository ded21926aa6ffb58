import Glibc

/// Sends requests to a gateway that is starting, until it answers.
final class GatewayStart: CallerEvents {
    private let reactor: Reactor
    private var firstChunk: UInt64?

    private init(_ reactor: Reactor) { self.reactor = reactor }

    /// Returns when the first chunk of its first answer arrived.
    ///
    /// - Throws: The gateway's last output, if it ends or hasn't answered after two minutes.
    static func wait(for subject: Subject, port: UInt16, _ upstream: Upstream) throws(Fault) -> UInt64 {
        let work = upstream.work
        // Distinct, so that a cache doesn't answer a counted request with this answer.
        let asked = Work(isBedrock: work.isBedrock, chunks: 1, isDistinct: true)
        upstream.change(to: asked)
        defer { upstream.change(to: work) }
        let start = GatewayStart(upstream.reactor)
        while Clock.now() < subject.started + 120_000_000_000 {
            if !subject.isRunning { throw Fault("the gateway ended. Its last lines:\n\(subject.lastWords())") }
            if let caller = try? HTTPCaller(asked, upstream.reactor, port: port, streams: 1) {
                defer { caller.close() }
                caller.events = start
                caller.begin()
                if (try? upstream.reactor.run()) != nil, let firstChunk = start.firstChunk { return firstChunk }
            }
            usleep(1000)
        }
        throw Fault("the gateway has not answered for two minutes. Its last lines:\n\(subject.lastWords())")
    }

    func becameIdle() {}

    func received(stamp: UInt64, at now: UInt64, in exchange: Exchange) { firstChunk = firstChunk ?? now }

    func ended(_ exchange: Exchange) { reactor.stop() }
}
