/// Many streams at once, measured for some seconds in which all of them run.
final class ParallelRun: CallerEvents, AlarmTarget {
    /// The phases, in this order.
    private enum Phase {
        case waiting
        case starting(begun: Int)
        case measuring
        case ending
    }

    private let caller: any Caller
    private let upstream: Upstream
    private let recorder: Recorder
    private let streams: Int
    private let nanoseconds: UInt64
    private var phase = Phase.waiting
    private var open = 0
    private var received = 0
    private var ended = 0

    init(_ caller: any Caller, _ upstream: Upstream, _ recorder: Recorder, streams: Int, nanoseconds: UInt64) {
        self.caller = caller
        self.upstream = upstream
        self.recorder = recorder
        self.streams = streams
        self.nanoseconds = nanoseconds
    }

    func becameIdle() {
        guard case .waiting = phase, caller.idle == streams else { return }
        phase = .starting(begun: 0)
        upstream.reactor.wake(self, at: Clock.now())
    }

    /// Begins a stream every millisecond, then the measurement, then ends it.
    func alarm(now: UInt64) {
        switch phase {
        case .starting(streams):
            phase = .measuring
            recorder.begin()
            upstream.reactor.wake(self, at: now + nanoseconds)
        case .starting(let begun):
            phase = .starting(begun: begun + 1)
            caller.begin()
            if begun + 1 < streams { upstream.reactor.wake(self, at: now + 1_000_000) }
        case .measuring:
            phase = .ending
            recorder.end()
            upstream.finish()
        case .waiting, .ending: break
        }
    }

    func received(stamp: UInt64, at now: UInt64, in exchange: Exchange) {
        received += 1
        recorder.received(stamp: stamp, at: now)
        guard exchange.chunks == 1 else { return }
        open += 1
        // This gives the last streams time to settle.
        if open == streams { upstream.reactor.wake(self, at: now + 500_000_000) }
    }

    func ended(_ exchange: Exchange) {
        ended += 1
        guard case .ending = phase else { return upstream.reactor.fail("a stream ended before its upstream's") }
        guard ended == streams else { return }
        if received == upstream.chunksSent {
            upstream.reactor.stop()
        } else {
            upstream.reactor.fail("\(received) of \(upstream.chunksSent) chunks arrived")
        }
    }
}
