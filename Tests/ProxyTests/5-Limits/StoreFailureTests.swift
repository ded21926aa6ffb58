import HTTPTypes
import Logging
import Testing
import Transport

@testable import Proxy

/// A store that can't be asked.
@Suite struct StoreFailureTests {
    /// `@unchecked Sendable`: used on the loop only.
    private final class BrokenStore: LimitStore, @unchecked Sendable {
        let loop: ManualLoop
        let error: StoreError
        private(set) var calls = 0

        init(_ loop: ManualLoop, isSilent: Bool) {
            self.loop = loop
            error = StoreError("nobody is there", isSilent: isSilent)
        }

        func now() -> Int64 { loop.now }
        func take(_ request: PermitRequest) async throws(StoreError) -> QuotaCheckResult { throw await fail() }
        func add(_ usage: Usage, to counter: Counter) async throws(StoreError) { throw await fail() }
        func enter(_ lease: Lease) async throws(StoreError) -> Bool { throw await fail() }
        func leave(_ lease: Lease) async throws(StoreError) { throw await fail() }
        func usage(of counter: Counter) async throws(StoreError) -> Usage { throw await fail() }
        func openLeases(of scope: String) async throws(StoreError) -> Int { throw await fail() }

        private func fail() async -> StoreError {
            calls += 1
            try? await loop.sleep(for: 1000, Cancellation())
            return error
        }
    }

    private let ok = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], "{}"))

    private func heard(
        _ store: BrokenStore, allows: Bool, _ steps: [ScriptedTransport.Step], timeLeft: Int64? = nil
    ) throws -> Heard {
        try Heard.of([Samples.server("a")], steps, timeLeft: timeLeft, on: store.loop, store: store) {
            $0.allowsWithoutStore = allows
            $0.virtualKeys[0].limits.quotaSet.quotas = [
                Quota(.requests, each: .minute, 9), Quota(.tokens, each: .day, 9),
            ]
            $0.virtualKeys[0].limits.quotaSet.parallel = 3
        }
    }

    @Test("By default a request passes uncounted, the log says so once, and the record counts it")
    func allows() throws {
        let store = BrokenStore(ManualLoop(), isSilent: true)
        let heard = try heard(store, allows: true, [ok])
        #expect(heard.status == "200" && heard.calls.count == 1)
        #expect(
            heard.log == [
                "warning: the store of the limits has failed: requests pass uncounted error=nobody is there request=id-1"
            ])
        #expect(heard.records.allSatisfy { $0.contains(#""store_failures":1"#) })
    }

    @Test("A request whose time has run out doesn't wait for the store")
    func noTimeLeft() throws {
        let store = BrokenStore(ManualLoop(), isSilent: true)
        let heard = try heard(store, allows: true, [ok], timeLeft: 400)
        #expect(heard.status == "504" && heard.duration == 0)
        #expect(heard.calls.isEmpty && store.calls == 0)
    }

    @Test("No request passes uncounted if the owner says so")
    func denies() throws {
        let store = BrokenStore(ManualLoop(), isSilent: false)
        let heard = try heard(store, allows: false, [])
        #expect(heard.status == "503" && heard.calls.isEmpty)
        #expect(heard.body.contains(#""code":"limits_unavailable""#))
        #expect(heard.records.allSatisfy { $0.contains(#""error.type":"proxy_limits_unavailable""#) })
    }

    @Test("After a store didn't answer, it isn't asked for some seconds")
    func pauses() throws {
        let loop = ManualLoop()
        let store = BrokenStore(loop, isSilent: true)
        let limits = Limits(Settings(), store, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func wait() throws -> Int64 {
            let began = loop.now
            try loop.run {
                let reservation = QuotaReservation(requestID: "1", deadline: nil)
                try await limits.admit(reservation, along: Samples.route { $0.quotaSet.parallel = 1 })
                #expect(reservation.storeFailure != nil)
            }
            return loop.now - began
        }
        #expect(try wait() == 1000)
        for _ in 0..<10 { #expect(try wait() == 0) }
        try loop.run { try await loop.sleep(for: 5000, Cancellation()) }
        #expect(try wait() == 1000)
        #expect(store.calls == 2)
    }
}
