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
        func take(_ permits: PermitRequest, for request: TimedRequest?) async throws(StoreError) -> QuotaCheckResult {
            throw await fail(request)
        }
        func add(_ usage: Usage, to counter: Counter, for request: TimedRequest?) async throws(StoreError) {
            throw await fail(request)
        }
        func enter(_ lease: Lease, for request: TimedRequest?) async throws(StoreError) -> Bool {
            throw await fail(request)
        }
        func leave(_ lease: Lease, for request: TimedRequest?) async throws(StoreError) { throw await fail(request) }
        func usage(of counter: Counter, for request: TimedRequest?) async throws(StoreError) -> Usage {
            throw await fail(request)
        }
        func openLeases(of scope: String, for request: TimedRequest?) async throws(StoreError) -> Int {
            throw await fail(request)
        }

        private func fail(_ request: TimedRequest?) async -> StoreError {
            calls += 1
            let wait = min(Self.silence, request?.timeLeft(at: loop.now) ?? Self.silence)
            let cancellation = request?.cancellation.branch() ?? Cancellation()
            try? await loop.sleep(for: wait, cancellation)
            request?.cancellation.close(cancellation)
            return request?.hasTime(at: loop.now) == false ? .outOfTime : error
        }

        /// In milliseconds.
        private static let silence = 1000
    }

    private let ok = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], "{}"))

    private func heard(
        _ store: BrokenStore, allows: Bool, _ steps: [ScriptedTransport.Step], path: String = "/a/v1/chat/completions",
        timeLeft: Int64? = nil, endsAfter: Int? = nil
    ) throws -> Heard {
        let servers = [Samples.server("a")]
        return try Heard.of(
            servers, steps, method: path == "/v1/me" ? "GET" : "POST", path: path, timeLeft: timeLeft,
            endsAfter: endsAfter, on: store.loop, store: store
        ) {
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

    @Test(
        "A request waits for the store until its deadline at the latest",
        arguments: [(1001, 1), (1500, 500), (1999, 999), (2000, 1000)], [true, false])
    func waitsUntilDeadline(time: (left: Int64, waited: Int64), allows: Bool) throws {
        let store = BrokenStore(ManualLoop(), isSilent: true)
        let heard = try heard(store, allows: allows, [ok], timeLeft: time.left)
        #expect(heard.status == "504" && heard.answered == time.waited)
        #expect(heard.body.contains(#""code":"deadline_exceeded""#) && heard.calls.isEmpty)
        #expect(heard.log.first?.contains("a request is given up") == true)
    }

    @Test("A store that fails before the deadline has failed", arguments: [2001, 2500, 9000])
    func failsBeforeDeadline(timeLeft: Int64) throws {
        let heard = try heard(BrokenStore(ManualLoop(), isSilent: true), allows: false, [], timeLeft: timeLeft)
        #expect(heard.status == "503" && heard.answered == 1000)
    }

    @Test("A request that waits for the store is told that the process ends", arguments: [0, 1, 999], [true, false])
    func ends(after delay: Int, allows: Bool) throws {
        let store = BrokenStore(ManualLoop(), isSilent: true)
        let heard = try heard(store, allows: allows, [ok], endsAfter: delay)
        #expect(heard.status == "503" && heard.answered == delay && heard.calls.isEmpty)
        #expect(heard.body.contains(#""code":"shutting_down""#))
    }

    @Test("Who asks for its limits waits no longer", arguments: [(Int64(1300), Int?.none), (60_000, 300)])
    func asksForLimits(timeLeft: Int64, endsAfter: Int?) throws {
        let store = BrokenStore(ManualLoop(), isSilent: true)
        let heard = try heard(store, allows: true, [], path: "/v1/me", timeLeft: timeLeft, endsAfter: endsAfter)
        #expect(heard.status == "200" && heard.answered == 300)
        #expect(heard.body.contains(#""used":null"#))
    }

    @Test("No request passes uncounted if the owner says so")
    func denies() throws {
        let store = BrokenStore(ManualLoop(), isSilent: false)
        let heard = try heard(store, allows: false, [])
        #expect(heard.status == "503" && heard.calls.isEmpty)
        #expect(heard.body.contains(#""code":"limits_unavailable""#))
        #expect(heard.records.allSatisfy { $0.contains(#""error.type":"proxy_limits_unavailable""#) })
    }

    @Test("A request that couldn't wait says nothing about the store: the next one asks it")
    func asksAgain() throws {
        let loop = ManualLoop()
        let store = BrokenStore(loop, isSilent: true)
        let limits = limits(store)
        for _ in 0..<3 {
            try loop.run {
                let request = TimedRequest(cancellation: Cancellation(), deadline: loop.now + 500)
                let reservation = QuotaReservation(requestID: "1", deadline: nil, request)
                let server = Samples.route { $0.quotaSet.parallel = 1 }
                await #expect(throws: ProxyError.deadlineExceeded(server: server.server.name)) {
                    try await limits.admit(reservation, along: server)
                }
            }
        }
        #expect(store.calls == 3)
    }

    @Test("A lease that a request had no time to close is closed when it has ended")
    func closesLater() throws {
        let loop = ManualLoop()
        let store = FlakyStore(loop)
        store.error = .outOfTime
        let limits = limits(store)
        try loop.run {
            let reservation = QuotaReservation(requestID: "1", deadline: nil)
            try await limits.admit(reservation, along: route(to: "a"))
            store.fails = { _ in true }
            _ = try? await limits.admit(reservation, along: route(to: "b"))
            store.fails = { _ in false }
            #expect(try await store.openLeases(of: "server/a") == 1)
            _ = await limits.settle(reservation, server: nil, Usage())
            #expect(try await store.openLeases(of: "server/a") == 0)
            #expect(try await store.openLeases(of: "server/b") == 0)
        }
    }

    private func limits(_ store: any LimitStore) -> Limits {
        Limits(Settings(), store, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func route(to name: String) -> Route {
        let server = Samples.server(name) { $0.quotaSet.parallel = 1 }
        return Route(
            upstream: UpstreamServer(server), pathAndQuery: "/chat/completions", body: .json(model: "m"),
            streamEnd: .done)
    }

    @Test("After a store didn't answer, it isn't asked for some seconds")
    func pauses() throws {
        let loop = ManualLoop()
        let store = BrokenStore(loop, isSilent: true)
        let limits = limits(store)
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
