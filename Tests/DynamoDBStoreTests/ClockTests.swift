import HTTPTypes
import Proxy
import Synchronization
import Testing
import Transport

@testable import DynamoDBStore

@Suite struct ClockTests {
    /// Returns the times that the test has set, one after the other.
    private final class Watch: Sendable {
        private let time: Atomic<Int64>
        private let step: Int64

        init(_ time: Int64, step: Int64) {
            self.time = Atomic(time)
            self.step = step
        }

        @Sendable func now() -> Int64 { time.add(step, ordering: .relaxed).oldValue }
    }

    private static let date = "Sat, 21 Nov 2026 19:00:30 GMT"

    @Test(
        "A clock that is off by more than two seconds is corrected, in both directions",
        arguments: [
            (0, 0), (2400, 0), (-1400, 0), (2600, -2100), (-1600, 2100), (60_000, -59_500), (-3_600_000, 3_600_500),
        ] as [(Int64, Int64)])
    func corrects(isAhead: Int64, correction: Int64) throws {
        let now = Samples.now * 1000 + isAhead
        let clock = SynchronizedClock { now }
        clock.learn(from: [.date: Self.date], sent: now)
        #expect(clock.now() - now == correction)
    }

    @Test(
        "A response without a valid date changes nothing",
        arguments: [
            nil, "", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 00 Nov 2026 19:00:30 GMT",
        ] as [String?])
    func ignores(date: String?) {
        let clock = SynchronizedClock { 0 }
        var fields: HTTPFields = [:]
        fields[.date] = date
        clock.learn(from: fields, sent: 0)
        #expect(clock.now() == 0)
    }

    @Test("A response that came late, or before its request, changes nothing", arguments: [2001, -1] as [Int64])
    func ignoresLateAnswers(took: Int64) {
        let clock = SynchronizedClock { 1_000_000 }
        clock.learn(from: [.date: Self.date], sent: 1_000_000 - took)
        #expect(clock.now() == 1_000_000)
    }

    @Test("After a response, even a refusal, the store uses DynamoDB's time, and signs requests with it")
    func signsWithIt() async throws {
        let refusal = #"{"__type":"x#InvalidSignatureException"}"#
        let dynamoDB = ScriptedDynamoDB([
            .answer(400, refusal, [.date: Self.date]), .answer(200, #"{"Attributes":{}}"#, [.date: Self.date]),
        ])
        let watch = Watch((Samples.now + 600) * 1000, step: 1)
        let store = Samples.store(dynamoDB, now: watch.now)
        await #expect(throws: StoreError.self) { try await store.take(Samples.request) }
        #expect((Samples.now * 1000..<Samples.now * 1000 + 600).contains(store.now()))
        _ = try await store.take(Samples.request)
        let times = dynamoDB.requests.map { $0.fields[.known("x-amz-date")] }
        #expect(times == ["20261121T191030Z", "20261121T190030Z"])
    }
}
