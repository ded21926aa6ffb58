/// One exchange after the other. The warm-up isn't paced, and doesn't count.
final class SequentialRun: CallerEvents {
    private let caller: any Caller
    private let upstream: Upstream
    private let recorder: Recorder
    private let warmUp: Int
    private let count: Int
    private var ended = 0

    init(_ caller: any Caller, _ upstream: Upstream, _ recorder: Recorder, warmUp: Int, count: Int) {
        self.caller = caller
        self.upstream = upstream
        self.recorder = recorder
        self.warmUp = warmUp
        self.count = count
    }

    func becameIdle() {
        upstream.isWarmingUp = ended < warmUp
        if ended == warmUp { recorder.begin() }
        if ended == warmUp + count {
            recorder.end()
            upstream.reactor.stop()
        } else {
            caller.begin()
        }
    }

    func received(stamp: UInt64, at now: UInt64, in exchange: Exchange) {
        recorder.received(stamp: stamp, at: now)
        if upstream.isLockStep { upstream.sendNextChunk() }
    }

    func ended(_ exchange: Exchange) {
        ended += 1
        recorder.ended(exchange)
        let expected = upstream.work.isStream ? upstream.work.chunks : 1
        if exchange.chunks != expected {
            upstream.reactor.fail("an answer ended after \(exchange.chunks) of \(expected ?? 0) chunks")
        }
    }
}
