import Testing
import Transport

@Suite struct SleepTests {
    @Test("A sleeper wakes at its own time, whoever else sleeps")
    func sleeps() throws {
        let loop = ManualLoop(now: 0)
        let times = try loop.run {
            async let long: Void = loop.sleep(for: 3_600_000, Cancellation())
            try await loop.sleep(for: 5, Cancellation())
            let first = loop.now
            try await long
            return [first, loop.now]
        }
        #expect(times == [5, 3_600_000])
    }

    @Test("A canceled sleep ends at once, with the reason", arguments: [0, 10])
    func isCanceled(after milliseconds: Int) throws {
        let loop = ManualLoop(now: 0)
        let cancellation = Cancellation()
        _ = loop.schedule(after: milliseconds) { cancellation.cancel("enough") }
        #expect(throws: TransportError(.canceled, "enough")) {
            try loop.run {
                try await loop.sleep(for: 1000, cancellation)
            }
        }
        #expect(loop.now == Int64(milliseconds))
    }

    @Test("After a cancellation there is no sleep")
    func doesNotSleep() throws {
        let loop = ManualLoop(now: 0)
        let cancellation = Cancellation()
        cancellation.cancel("enough")
        #expect(throws: TransportError.self) { try loop.run { try await loop.sleep(for: 1000, cancellation) } }
        #expect(loop.now == 0)
    }

    @Test("The test loop detects a task that waits forever")
    func findsStuck() {
        let (loop, pipe) = (ManualLoop(), BodyPipe())
        #expect(throws: ManualLoop.Stuck.self) {
            try loop.run { await pipe.readable() }
        }
        pipe.cancel()
        #expect(throws: Never.self) { try loop.run {} }
    }
}
