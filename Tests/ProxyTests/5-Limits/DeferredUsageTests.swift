import HTTPTypes
import Logging
import Testing
import Transport

@testable import Proxy

/// Usage that couldn't be counted when a request had ended.
@Suite struct DeferredUsageTests {
    private static let usage = #"{"choices":[],"usage":{"prompt_tokens":60,"completion_tokens":40}}"#
    private static let ok = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], usage))

    /// A key and a server with token quotas, and one proxy's limits.
    private final class Case {
        let loop = ManualLoop(now: 1_795_287_942_000)
        let store: FlakyStore
        let limits: Limits
        let route = Samples.route { $0.quotaSet.quotas = [Quota(.tokens, each: .day, 10_000)] }

        init(allows: Bool = true) {
            store = FlakyStore(loop)
            var settings = Settings()
            settings.allowsWithoutStore = allows
            limits = Limits(settings, store, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        /// Admits a request, if it may pass, and settles it.
        func ask(_ used: Usage, isAsked: Bool = true) throws -> (
            refusal: ProxyError?, uncounted: UncountedUsage?
        ) {
            try loop.run { [limits, route] in
                let reservation = QuotaReservation(requestID: "1", deadline: nil)
                var key = Samples.web
                key.limits.quotaSet.quotas = [Quota(.tokens, each: .day, 250), Quota(.requests, each: .month, 9)]
                reservation.caller = .client(key)
                do throws(ProxyError) {
                    try await limits.admit(reservation, along: route)
                } catch {
                    return (error, await limits.settle(reservation, server: nil, Usage()))
                }
                if isAsked { reservation.hasWork(at: route.server) }
                return (nil, await limits.settle(reservation, server: isAsked ? "a" : nil, isAsked ? used : Usage()))
            }
        }
    }

    @Test("Deferred usage is added with the next call, before that is counted")
    func addsWithNext() throws {
        let test = Case()
        test.store.failsToAdd = true
        for _ in 0..<3 {
            let uncounted = try #require(try test.ask(Usage(tokens: 100, cost: 7)).uncounted)
            #expect(uncounted.owed == Usage(tokens: 100, cost: 7) && uncounted.error == FlakyStore.error)
        }
        #expect(test.store.added.isEmpty)
        test.store.failsToAdd = false
        guard case .quotaExceeded(let exceeded) = try test.ask(Usage(tokens: 100)).refusal else {
            throw ManualLoop.Stuck()
        }
        #expect(exceeded.scope == .caller(.key("web")))
        #expect(test.store.added["key/web"]?.first == Usage(tokens: 300, cost: 21))
        #expect(test.store.added["server/a"] == [Usage(tokens: 300, cost: 21), Usage(requests: -1)])
    }

    @Test("Usage at the end of a request is added together with deferred usage")
    func addsAtTheEnd() throws {
        let test = Case()
        try test.loop.run { [limits = test.limits, store = test.store, route = test.route] in
            let permits = ["1", "2"].map { QuotaReservation(requestID: $0, deadline: nil) }
            for reservation in permits { try await limits.admit(reservation, along: route) }
            store.failsToAdd = true
            #expect(await limits.settle(permits[0], server: "a", Usage(tokens: 10)) != nil)
            store.failsToAdd = false
            #expect(await limits.settle(permits[1], server: "a", Usage(tokens: 5)) == nil)
        }
        #expect(test.store.added == ["server/a": [Usage(tokens: 15)]])
    }

    @Test("While usage can't be added, no request passes if the owner wants every request counted")
    func denies() throws {
        let test = Case(allows: false)
        test.store.failsToAdd = true
        #expect(try test.ask(Usage(tokens: 10)).refusal == nil)
        #expect(try test.ask(Usage(tokens: 10)).refusal == .limitsUnavailable)
        test.store.failsToAdd = false
        #expect(try test.ask(Usage(tokens: 10)).refusal == nil)
    }

    @Test("A request that couldn't be given back isn't given back later, since it may have been already")
    func givesBackOnce() throws {
        let test = Case()
        test.store.failsToAdd = true
        let uncounted = try #require(try test.ask(Usage(tokens: 5), isAsked: false).uncounted)
        #expect(uncounted.owed == Usage())
        test.store.failsToAdd = false
        _ = try test.ask(Usage(tokens: 7))
        #expect(!test.store.added.values.joined().contains { $0.requests < 0 })
    }

    @Test("A separate line carries the metric, since the record was written earlier")
    func tells() throws {
        let loop = ManualLoop()
        let store = FlakyStore(loop)
        store.failsToAdd = true
        let server = Samples.server("a") { $0.prices.standard = Price(input: 0.01, output: 0.02) }
        let heard = try Heard.of([server], [Self.ok], on: loop, store: store) {
            $0.virtualKeys[0].limits.quotaSet.quotas = [Quota(.tokens, each: .day, 100)]
        }
        #expect(heard.status == "200" && heard.records.count == 2 && heard.log.isEmpty)
        #expect(!heard.records[0].contains("store_failures"))
        let line = heard.records[1]
        #expect(
            line.hasPrefix(
                #"{"level":"WARN","timestamp":"1970-01-01T00:16:40.000Z","message":"the store of the limits has failed: "#
                    + #"what a request has used, or that it has ended, isn't counted yet","request_id":"id-1","key":"web","server":"a","#
                    + #""error.message":"nobody is there","owed_tokens":100,"owed_cost":1.4,"store_failures":1,"#
                    + #""function":"test","_aws":{"Timestamp":1000000,"#))
        #expect(line.contains(#""Metrics":[{"Name":"store_failures","Unit":"Count"}]"#) && line.hasSuffix("}\n"))
    }

    @Test("If the record already says that counting has failed, no other line follows")
    func tellsOnce() throws {
        let loop = ManualLoop()
        let store = FlakyStore(loop)
        store.fails = { _ in true }
        let heard = try Heard.of([Samples.server("a")], [Self.ok], on: loop, store: store) {
            $0.virtualKeys[0].limits.quotaSet.quotas = [Quota(.tokens, each: .day, 100)]
        }
        #expect(heard.records.count == 1 && heard.records[0].contains(#""store_failures":1"#))
    }

    @Test("Memory is bounded: usage of past periods is dropped to make room")
    func bounds() {
        let deferred = DeferredUsage()
        func counter(_ number: Int, _ start: Int64 = 0) -> Counter { Counter("key/\(number)", .minute, start: start) }
        for number in 0...DeferredUsage.most { deferred.note(Usage(tokens: number + 1), to: counter(number), at: 30) }
        #expect(deferred.take(counter(DeferredUsage.most)) == Usage())
        deferred.note(Usage(tokens: 2), to: counter(7), at: 30)
        #expect(deferred.take(counter(7)) == Usage(tokens: 10))
        #expect(deferred.take(counter(7)) == Usage())
        deferred.note(Usage(tokens: 1), to: counter(7), at: 30)
        deferred.note(Usage(tokens: 1), to: counter(7, 180), at: 180)
        #expect(deferred.take(counter(8)) == Usage() && deferred.take(counter(7, 180)) == Usage(tokens: 1))
    }
}
