/// Collects what is measured between `begin` and `end`.
final class Recorder {
    private struct Mark {
        let time = Clock.now()
        let own = Clock.ownProcessorTime()
        let subject: UInt64?
    }

    private let subject: Subject?
    private var start: Mark?
    private var stop: Mark?
    private var latencies: [UInt64] = []
    private var firstChunks: [UInt64] = []
    private var memory: Subject.Memory?

    init(_ subject: Subject?) { self.subject = subject }

    func begin() {
        latencies.reserveCapacity(1 << 20)
        start = Mark(subject: subject?.processorTime())
    }

    /// Counts only chunks that were sent after `begin`.
    func received(stamp: UInt64, at now: UInt64) {
        guard let start, stop == nil, stamp >= start.time else { return }
        latencies.append(now - stamp)
    }

    func ended(_ exchange: Exchange) {
        guard let start, exchange.began >= start.time, let first = exchange.firstChunk else { return }
        firstChunks.append(first - exchange.began)
    }

    func end() {
        stop = Mark(subject: subject?.processorTime())
        memory = subject?.memory()
    }

    func figures(chunkBytes: Int) -> Figures? {
        guard let start, let stop else { return nil }
        let seconds = Double(stop.time - start.time) / 1e9
        let chunks = Double(max(latencies.count, 1))
        let cpu = stop.subject.flatMap { end in start.subject.map { Double(end - $0) / 1000 } }
        return Figures(
            invocations: firstChunks.count,
            chunks: latencies.count,
            seconds: seconds,
            latency: Distribution(nanoseconds: latencies),
            firstChunk: Distribution(nanoseconds: firstChunks),
            bytesPerSecond: Double(latencies.count * chunkBytes) / seconds,
            harnessCPUPerChunk: Double(stop.own - start.own) / 1000 / chunks,
            cpuPerInvocation: firstChunks.isEmpty ? nil : cpu.map { $0 / Double(firstChunks.count) },
            cpuPerChunk: cpu.map { $0 / chunks },
            residentBytes: memory?.resident,
            peakResidentBytes: memory?.peak)
    }
}
