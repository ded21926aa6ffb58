import HTTPTypes
import Testing
import Transport

@testable import Proxy

@Suite struct DeadlineTests {
    private typealias Step = ScriptedTransport.Step

    private static let silence = Step(outcome: .silence)
    private static let ok = Step(outcome: .answer(200, [:], "{}"))

    private func servers(timeout: Int = 900_000) -> [Server] {
        [
            Samples.server("a") { ($0.fallbacks, $0.limits.total) = (["b"], timeout) },
            Samples.server("b") { $0.limits.total = timeout },
        ]
    }

    @Test("When the invocation's time runs out, the caller is told in time, and no other server is asked")
    func meetsDeadline() throws {
        let heard = try Heard.of(servers(), [Self.silence, Self.ok], timeLeft: 30_000)
        #expect(heard.status == "504")
        #expect(heard.body.contains(#""code":"deadline_exceeded""#))
        #expect(heard.fields["x-proxy-server"] == "a")
        #expect(heard.fields["x-proxy-attempts"] == "1")
        #expect(heard.duration == 29_000)
        #expect(heard.calls.map(\.limits.total) == [29_000])
    }

    @Test("When a server's time runs out, its fallback gets the rest of the invocation's time")
    func meetsTimeout() throws {
        let heard = try Heard.of(servers(timeout: 20_000), [Self.silence, Self.silence], timeLeft: 30_000)
        #expect(heard.body.contains("deadline_exceeded"))
        #expect(heard.calls.map(\.limits.total) == [20_000, 9000])
        #expect(heard.fields["x-proxy-server"] == "b")
        #expect(heard.duration == 29_000)
    }

    @Test("A timeout is the server's if the invocation has more time")
    func tellsTimeout() throws {
        let heard = try Heard.of([Samples.server("a") { $0.limits.total = 5000 }], [Self.silence], timeLeft: 30_000)
        #expect(heard.status == "504")
        #expect(heard.body.contains("upstream_timeout"))
        #expect(heard.calls.count == 1)
    }

    @Test("The time for a server includes its retries and waits")
    func countsAll() throws {
        let slow = Step(outcome: .answer(500), delay: 2000)
        let heard = try Heard.of([Samples.server("a") { $0.limits.total = 5000 }], [slow, slow, slow])
        #expect(heard.status == "504")
        #expect(heard.calls.map(\.time) == [0, 2250, 4750])
        #expect(heard.calls.map(\.limits.total) == [5000, 2750, 250])
        #expect(heard.duration == 5000)
    }

    @Test("A wait that would leave no time isn't begun, and the caller gets the response as it is")
    func skipsWait() throws {
        let busy = Step(outcome: .answer(429, [.retryAfter: "9"]))
        let heard = try Heard.of([Samples.server("a")], [busy], timeLeft: 10_000)
        #expect(heard.status == "429")
        #expect(heard.duration == 0)
        #expect(heard.fields["x-should-retry"] == nil)
    }

    @Test("Without any time left, no server is asked", arguments: [1000, 0, -5])
    func asksNobody(timeLeft: Int64) throws {
        let heard = try Heard.of(servers(), [Self.ok], timeLeft: timeLeft)
        #expect(heard.body.contains("deadline_exceeded"))
        #expect(heard.calls.isEmpty)
        #expect(heard.fields["x-proxy-attempts"] == nil)
    }
}
