import HTTPTypes
import Logging
import Testing
import Transport

@testable import Proxy

/// `on_store_error: deny`: a request that can't be counted for a key is refused, whatever else is known.
@Suite struct DeniedTests {
    private typealias Step = ScriptedTransport.Step

    private static let ok = Step(outcome: .answer(200, [.contentType: "application/json"], "{}"))
    private static let minute = Quota(.requests, each: .minute, 1)

    private static func quotaSet(_ quotas: Quota..., parallel: Int? = nil) -> QuotaSet {
        var quotaSet = QuotaSet()
        (quotaSet.quotas, quotaSet.parallel) = (quotas, parallel)
        return quotaSet
    }

    /// How a key may be limited.
    private static let limited: [@Sendable (inout VirtualKey) -> Void] = [
        { $0.limits.quotaSet = quotaSet(Quota(.tokens, each: .minute, 100)) },
        { $0.limits.quotaSet = quotaSet(Quota(.requests, each: .day, 100)) },
        { $0.limits.quotaSet = quotaSet(Quota(.cost, each: .month, 100), Quota(.requests, each: .minute, 9)) },
        { $0.limits.quotaSet = quotaSet(parallel: 3) },
        { $0.limits.serverQuotaSets["a"] = quotaSet(Quota(.tokens, each: .day, 100)) },
    ]

    private static let servers = [
        Samples.server("a") { ($0.fallbacks, $0.quotaSet, $0.retries) = (["b"], quotaSet(minute), 2) },
        Samples.server("b"),
    ]

    /// A store in which the quota of server a is used up.
    private func store(_ loop: ManualLoop) throws -> FlakyStore {
        let store = FlakyStore(loop)
        let counter = Counter("server/a", .minute, start: Period.minute.start(at: loop.now / 1000))
        let request = PermitRequest(counter, requests: 1, quotas: Usage(most: [Self.minute]))
        _ = try loop.run { try await store.take(request) }
        return store
    }

    @Test("A fallback isn't asked for a key whose usage can't be counted", arguments: limited.indices)
    func deniesFallback(index: Int) throws {
        let loop = ManualLoop()
        let store = try store(loop)
        store.fails = { $0.hasPrefix("key") }
        for _ in 0..<3 {
            let heard = try Heard.of(Self.servers, [Self.ok], on: loop, store: store) {
                $0.allowsWithoutStore = false
                Self.limited[index](&$0.virtualKeys[0])
            }
            #expect(heard.status == "503" && heard.body.contains(#""code":"limits_unavailable""#))
            #expect(heard.calls.isEmpty && heard.log.contains { $0.contains("requests are refused") })
        }
    }

    @Test("It isn't asked either if the first server's quota is known to be used up", arguments: limited.indices)
    func deniesKnown(index: Int) throws {
        let loop = ManualLoop()
        let store = try store(loop)
        var settings = Settings()
        settings.allowsWithoutStore = false
        let limits = Limits(settings, store, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let route = Route(
            upstream: UpstreamServer(Self.servers[0]), pathAndQuery: "", body: .json(model: nil), streamEnd: .done)
        func refusal() throws -> ProxyError? {
            try loop.run {
                let reservation = QuotaReservation(requestID: "1", deadline: nil)
                var key = Samples.web
                Self.limited[index](&key)
                reservation.caller = .client(key)
                do throws(ProxyError) {
                    try await limits.admit(reservation, along: route)
                    return nil
                } catch {
                    return error
                }
            }
        }
        guard case .quotaExceeded = try refusal() else { throw ManualLoop.Stuck() }
        store.fails = { _ in true }
        for _ in 0..<8 { #expect(try refusal() == .limitsUnavailable) }
    }

    @Test("A key's own limit that is known to be reached is reported as such")
    func tellsOwnLimit() throws {
        let loop = ManualLoop()
        let store = FlakyStore(loop)
        store.fails = { $0.hasPrefix("key-at") || $0.hasPrefix("server") }
        let heard = try Heard.of(Self.servers, [], on: loop, store: store) {
            $0.allowsWithoutStore = false
            $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.requests, each: .day, 0))
            $0.virtualKeys[0].limits.serverQuotaSets["a"] = Self.quotaSet(Self.minute)
        }
        #expect(heard.status == "429" && heard.body.contains("the key 'web'"))
        #expect(!heard.log.joined().contains("requests are refused"))
    }

    @Test("A failed count for a server that isn't asked refuses nothing, and the log doesn't claim so")
    func passesOtherServers() throws {
        let loop = ManualLoop()
        let store = FlakyStore(loop)
        var servers = Self.servers
        servers[0].quotaSet = Self.quotaSet(Quota(.requests, each: .day, 9), parallel: 0)
        store.fails = { $0.hasPrefix("server/a") }
        // One of the two checks fails before the other is refused.
        let failsOnce = try Heard.of(servers, [Self.ok], on: loop, store: store) { $0.allowsWithoutStore = false }
        #expect(failsOnce.status == "503")
        let used = try self.store(loop)
        servers[0].quotaSet = Self.quotaSet(Self.minute, parallel: 2)
        let split = SplitStore(used)
        let heard = try Heard.of(servers, [Self.ok], on: loop, store: split) { $0.allowsWithoutStore = false }
        #expect(heard.status == "200" && heard.fields["x-proxy-server"] == "b")
        #expect(heard.log.contains { $0.contains("nothing passes uncounted") })
        #expect(!heard.log.joined().contains("requests are refused"))
        #expect(heard.records.allSatisfy { $0.contains(#""store_failures":1"#) })
    }

    /// Counts, but has no leases.
    private struct SplitStore: LimitStore {
        let store: FlakyStore

        init(_ store: FlakyStore) { self.store = store }
        func now() -> Int64 { store.now() }
        func take(_ permits: PermitRequest, for request: TimedRequest? = nil) async throws(StoreError)
            -> QuotaCheckResult
        {
            try await store.take(permits)
        }
        func add(_ usage: Usage, to counter: Counter, for request: TimedRequest? = nil) async throws(StoreError) {
            try await store.add(usage, to: counter)
        }
        func enter(_ lease: Lease, for request: TimedRequest? = nil) async throws(StoreError) -> Bool {
            throw FlakyStore.error
        }
        func leave(_ lease: Lease, for request: TimedRequest? = nil) async throws(StoreError) { throw FlakyStore.error }
        func usage(of counter: Counter, for request: TimedRequest? = nil) async throws(StoreError) -> Usage {
            try await store.usage(of: counter)
        }
        func openLeases(of scope: String, for request: TimedRequest? = nil) async throws(StoreError) -> Int {
            throw FlakyStore.error
        }
    }
}
