import Glibc
import Testing

@testable import harness

struct ReactorTests {
    @Test("Readable descriptors are read even if alarms are always late")
    func readsBesideLateAlarms() throws {
        let reactor = Reactor()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let reader = Reader(reactor)
        reactor.watch(ends[0], reader)
        let late = LateAlarm(reactor, writesTo: ends[1])
        reactor.wake(late, at: 0)
        try reactor.run()
        #expect(reader.hasRead)
        #expect(late.rings < LateAlarm.most)
    }

    private final class Reader: Watcher {
        private(set) var hasRead = false
        private let reactor: Reactor

        init(_ reactor: Reactor) { self.reactor = reactor }

        func ready(_ events: UInt32) {
            hasRead = true
            reactor.stop()
        }
    }

    /// Writes, and sets an alarm that is due at once.
    private final class LateAlarm: AlarmTarget {
        static let most = 1000
        private(set) var rings = 0
        private let reactor: Reactor
        private let descriptor: Int32

        init(_ reactor: Reactor, writesTo descriptor: Int32) {
            self.reactor = reactor
            self.descriptor = descriptor
        }

        func alarm(now: UInt64) {
            rings += 1
            _ = write(descriptor, "x", 1)
            if rings == Self.most { reactor.stop() } else { reactor.wake(self, at: 0) }
        }
    }
}
