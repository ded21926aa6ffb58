import HTTPTypes
import Testing
import Transport

@testable import Proxy

@Suite struct ResponseCacheTests {
    private typealias Step = ScriptedTransport.Step

    private static let json: HTTPFields = [.contentType: "application/json", .known("x-ratelimit-limit-requests"): "9"]
    private static let usage = #""usage":{"prompt_tokens":60,"completion_tokens":40}"#

    private static func ok(_ id: Int, delay: Int = 0) -> Step {
        Step(outcome: .answer(200, json, "{\"id\":\(id),\"model\":\"m-2026\",\"choices\":[],\(usage)}"), delay: delay)
    }

    private static let events =
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[],\(usage)}\n\ndata: [DONE]\n\n"
    private static let stream = Step(outcome: .answer(200, [.contentType: "text/event-stream"], events))
    private static let streamed = #"{"model":"m","stream":true}"#

    @Test("A hit repeats the response, asks no server, and says so")
    func hits() throws {
        let proxy = CachedProxy([CachedProxy.server()], [Self.ok(1), Self.ok(2)])
        let miss = try proxy.ask()
        #expect(miss.cache == "fwd=uri-miss" && miss.fields["x-cache"] == "MISS" && miss.fields["age"] == nil)
        #expect(miss.record["cache"] == #""miss""# && miss.record["cache_lookups"] == "1")
        try proxy.wait(10_500)
        let hit = try proxy.ask { $0.body = #"{"messages":[ ],"model":"m","user":"u"}"# }
        #expect(hit.status == "200" && hit.body == miss.body)
        #expect(hit.cache == "hit; ttl=3590; detail=memory")
        #expect(hit.fields["x-cache"] == "HIT" && hit.fields["age"] == "10")
        #expect(hit.fields["content-type"] == "application/json")
        #expect(hit.fields["x-proxy-server"] == "a" && hit.fields["x-proxy-attempts"] == "0")
        #expect(miss.fields["x-ratelimit-limit-requests"] == "9" && hit.fields["x-ratelimit-limit-requests"] == nil)
        #expect(hit.record["cache"] == #""hit""# && hit.record["cache.age"] == "10")
        #expect(hit.record["cache_hits"] == "1" && hit.record["cache_saved_tokens"] == "100")
        #expect(hit.record["server"] == #""a""# && hit.record["attempts"] == nil)
        #expect(hit.record["gen_ai.response.model"] == #""m-2026""#)
        #expect(hit.record["gen_ai.usage.input_tokens"] == nil || hit.record["gen_ai.usage.input_tokens"] == "0")
        #expect(proxy.transport.calls.count == 1)
    }

    @Test("A stream is repeated byte for byte")
    func hitsStream() throws {
        let proxy = CachedProxy([CachedProxy.server()], [Self.stream])
        let miss = try proxy.ask { $0.body = Self.streamed }
        let hit = try proxy.ask { $0.body = Self.streamed }
        #expect(miss.body == hit.body && hit.body.hasSuffix("data: [DONE]\n\n"))
        #expect(hit.cache == "hit; ttl=3600; detail=memory")
        #expect(hit.fields["content-type"] == miss.fields["content-type"])
    }

    @Test("Different requests, keys and formats have different entries")
    func misses() throws {
        let proxy = CachedProxy([CachedProxy.server()], [Self.ok(1), Self.ok(2), Self.stream])
        #expect(try proxy.ask().cache == "fwd=uri-miss")
        #expect(try proxy.ask { $0.body = #"{"model":"other"}"# }.cache == "fwd=uri-miss")
        #expect(try proxy.ask { $0.body = Self.streamed }.cache == "fwd=uri-miss")
    }

    @Test("After its time an entry isn't used, and is replaced")
    func isStale() throws {
        let proxy = CachedProxy([CachedProxy.server { $0.ttl = 60 }], [Self.ok(1), Self.ok(2)])
        let first = try proxy.ask()
        try proxy.wait(59_999)
        #expect(try proxy.ask().cache == "hit; ttl=1; detail=memory")
        try proxy.wait(1)
        let second = try proxy.ask()
        #expect(second.cache == "fwd=stale" && second.body != first.body)
        #expect(try proxy.ask().body == second.body)
        #expect(proxy.transport.calls.count == 2)
    }

    @Test("The caller's Cache-Control is followed")
    func follows() throws {
        let proxy = CachedProxy([CachedProxy.server()], (1...4).map { Self.ok($0) })
        let bypass = try proxy.ask { $0.cacheControl = "no-store" }
        #expect(bypass.cache == "fwd=bypass" && bypass.fields["x-cache"] == "BYPASS")
        #expect(bypass.record["cache"] == #""bypass""# && bypass.record["cache_lookups"] == nil)
        let unknown = try proxy.ask { $0.cacheControl = "only-if-cached" }
        #expect(unknown.status == "504" && unknown.body.contains("not_in_cache"))
        #expect(try proxy.ask().cache == "fwd=uri-miss")
        try proxy.wait(30_000)
        #expect(try proxy.ask { $0.cacheControl = "only-if-cached" }.cache == "hit; ttl=3570; detail=memory")
        #expect(try proxy.ask { $0.cacheControl = "max-age=30" }.cache == "hit; ttl=3570; detail=memory")
        #expect(try proxy.ask { $0.cacheControl = "max-age=29, only-if-cached" }.status == "504")
        let fresh = try proxy.ask { $0.cacheControl = "no-cache" }
        #expect(fresh.cache == "fwd=request" && fresh.body.contains("\"id\":3"))
        #expect(try proxy.ask().body == fresh.body)
        try proxy.wait(30_000)
        #expect(try proxy.ask { $0.cacheControl = "max-age=29" }.cache == "fwd=request")
        #expect(proxy.transport.calls.count == 4)
    }

    @Test("Where nothing is cached, no field speaks of a cache")
    func isOff() throws {
        let servers = [Samples.server("a"), CachedProxy.server()]
        for (index, server) in servers.enumerated() {
            let proxy = CachedProxy([server], [Self.ok(1), Self.ok(2)]) {
                if index == 1 { $0.virtualKeys[0].permissions.caching = .off }
            }
            for _ in 0..<2 {
                let answer = try proxy.ask { $0.cacheControl = "only-if-cached" }
                #expect(answer.status == "200" && answer.record["cache"] == nil)
                #expect(["cache-status", "x-cache", "age"].allSatisfy { answer.fields[$0] == nil })
            }
            #expect(proxy.transport.calls.count == 2)
        }
    }

    @Test("A request with an effect is sent each time")
    func bypasses() throws {
        let proxy = CachedProxy([CachedProxy.server()], [Self.ok(1), Self.ok(2)])
        for _ in 0..<2 {
            let answer = try proxy.ask { $0.body = #"{"model":"m","store":true}"# }
            #expect(answer.cache == "fwd=bypass" && answer.status == "200")
        }
        #expect(try proxy.ask { ($0.body, $0.cacheControl) = (#"{"store":true}"#, "only-if-cached") }.status == "504")
        #expect(proxy.transport.calls.count == 2)
    }

    @Test(
        "Only a good answer of the first server is stored",
        arguments: [
            Step(outcome: .answer(400)), Step(outcome: .answer(500)), Step(outcome: .error(.reset)),
            Step(outcome: .answer(200, json, "{\"id\":1")),
            Step(outcome: .answer(200, json, #"{"error":{"message":"x"}}"#)),
            Step(outcome: .answer(200, json, #"{"choices":[],"error":{"message":"x"}}"#)),
            Step(outcome: .answer(200, json, "[]")), Step(outcome: .answer(200, json, "{}{}")),
            Step(outcome: .answer(200, [.contentType: "text/event-stream"], events)),
        ])
    private func storesGood(step: Step) throws {
        let proxy = CachedProxy([CachedProxy.server()], [step, Self.ok(2)])
        _ = try proxy.ask()
        let second = try proxy.ask()
        #expect(second.cache == "fwd=uri-miss" && second.body.contains("\"id\":2"))
    }

    @Test("A stream that was cut off, or has an error, isn't stored")
    func storesWholeStreams() throws {
        for text in ["data: {\"choices\":[]}\n\n", "data: {\"error\":{\"message\":\"x\"}}\n\ndata: [DONE]\n\n"] {
            let cut = Step(outcome: .answer(200, [.contentType: "text/event-stream"], text))
            let proxy = CachedProxy([CachedProxy.server()], [cut, Self.stream])
            _ = try proxy.ask { $0.body = Self.streamed }
            #expect(try proxy.ask { $0.body = Self.streamed }.cache == "fwd=uri-miss")
        }
    }

    @Test("A fallback's answer isn't stored")
    func storesFirstServer() throws {
        let servers = [CachedProxy.server(server: { $0.fallbacks = ["b"] }), Samples.server("b")]
        let proxy = CachedProxy(servers, [Step(outcome: .answer(503)), Self.ok(1), Self.ok(2)])
        #expect(try proxy.ask().fields["x-proxy-server"] == "b")
        let second = try proxy.ask()
        #expect(second.cache == "fwd=uri-miss" && second.fields["x-proxy-server"] == "a")
    }

    @Test("A response that is longer than max_entry_bytes isn't stored")
    func storesShort() throws {
        let proxy = CachedProxy([CachedProxy.server { $0.maxEntryBytes = 50 }], [Self.ok(1), Self.ok(2)])
        #expect(try proxy.ask().status == "200")
        #expect(try proxy.ask().cache == "fwd=uri-miss")
    }

    // MARK: - Layers

    @Test("A hit in a slow layer names it, and fills the faster ones")
    func refills() throws {
        let loop = ManualLoop(now: 1_795_287_942_000)
        let (tmp, table) = (CachedProxy.Layer(loop), CachedProxy.Layer(loop))
        let server = CachedProxy.server { $0.layers = [.memory, .tmp, .dynamoDB] }
        let layers: [CacheLayerName: any CacheLayer] = [.tmp: tmp, .dynamoDB: table]
        let first = try CachedProxy([server], [Self.ok(1)], on: loop, layers: layers).ask()
        #expect(tmp.entries.count == 1 && tmp.entries == table.entries)
        #expect(table.expires == loop.now / 1000 + 3601)
        tmp.entries = [:]
        // Another process, whose memory is empty.
        let other = CachedProxy([server], [], on: loop, layers: layers)
        let hit = try other.ask()
        #expect(hit.cache == "hit; ttl=3600; detail=dynamodb" && hit.body == first.body)
        #expect(hit.record["cache.layer"] == #""dynamodb""#)
        #expect(tmp.entries == table.entries && tmp.expires == table.expires)
        let reads = table.reads
        #expect(try other.ask().cache == "hit; ttl=3600; detail=memory")
        #expect(table.reads == reads)
        #expect(try CachedProxy([server], [], on: loop, layers: layers).ask().cache == "hit; ttl=3600; detail=tmp")
    }

    @Test("A damaged entry is removed, and the server is asked")
    func removesDamaged() throws {
        let loop = ManualLoop(now: 1_795_287_942_000)
        let tmp = CachedProxy.Layer(loop)
        let proxy = CachedProxy(
            [CachedProxy.server { $0.layers = [.tmp] }], [Self.ok(1), Self.ok(2)], on: loop, layers: [.tmp: tmp])
        _ = try proxy.ask()
        tmp.entries = tmp.entries.mapValues { $0.dropLast() + [0] }
        let again = try proxy.ask()
        #expect(again.cache == "fwd=uri-miss" && again.body.contains("\"id\":2"))
        #expect(try proxy.ask().cache == "hit; ttl=3600; detail=tmp")
    }

    // MARK: - Limits

    @Test("A hit counts as a request of its key, with no tokens and no cost")
    func counts() throws {
        let proxy = CachedProxy(
            [CachedProxy.server(server: { $0.prices.standard = Price(input: 0.001, output: 0.001) })],
            [Self.ok(1), Self.ok(2)]
        ) {
            $0.virtualKeys[0].limits.quotaSet.quotas = [
                Quota(.requests, each: .day, 3), Quota(.tokens, each: .day, 150), Quota(.cost, each: .day, 150_000_000),
            ]
        }
        for expected in ["fwd=uri-miss", "hit; ttl=3600; detail=memory", "hit; ttl=3600; detail=memory"] {
            #expect(try proxy.ask().cache == expected)
        }
        for cacheControl in [nil, "only-if-cached"] {
            let refused = try proxy.ask { $0.cacheControl = cacheControl }
            #expect(refused.status == "429")
        }
        #expect(proxy.transport.calls.count == 1)
    }

    @Test("A hit doesn't count for the server")
    func sparesServer() throws {
        let proxy = CachedProxy(
            [CachedProxy.server(server: { $0.quotaSet.quotas = [Quota(.requests, each: .day, 1)] })], [Self.ok(1)])
        #expect(try proxy.ask().cache == "fwd=uri-miss")
        #expect(try proxy.ask().status == "200")
        #expect(try proxy.ask { $0.body = #"{"model":"other"}"# }.status == "429")
    }

    @Test("A key that isn't known, or may not use the server, gets nothing from the cache")
    func refuses() throws {
        let stranger = VirtualKey(name: "app", digest: KeyDigest(of: Secret("key-app")))
        let proxy = CachedProxy([CachedProxy.server { $0.isShared = true }, Samples.server("b")], [Self.ok(1)]) {
            $0.virtualKeys.append(stranger)
            $0.virtualKeys[1].permissions.allowedServers = ["b"]
        }
        #expect(try proxy.ask().status == "200")
        #expect(try proxy.ask { $0.key = "key-unknown" }.status == "401")
        let refused = try proxy.ask { $0.key = "key-app" }
        #expect(refused.status == "403" || refused.status == "404")
        #expect(refused.fields["cache-status"] == nil)
    }

    // MARK: - At the same time

    private func request(_ delay: Int, _ change: (inout CachedProxy.Request) -> Void = { _ in }) -> CachedProxy.Request
    {
        var request = CachedProxy.Request()
        request.delay = delay
        change(&request)
        return request
    }

    @Test("Requests for the same share one answer of the server")
    func collapses() throws {
        let proxy = CachedProxy([CachedProxy.server()], [Self.ok(1, delay: 1000)])
        let answers = try proxy.ask([request(0), request(10), request(999), request(1500)])
        #expect(
            answers.map(\.cache) == [
                "fwd=uri-miss", "fwd=uri-miss; collapsed", "fwd=uri-miss; collapsed", "hit; ttl=3600; detail=memory",
            ])
        #expect(Set(answers.map(\.body)).count == 1 && answers.allSatisfy { $0.status == "200" })
        #expect(answers[1].fields["x-cache"] == "MISS" && answers[1].fields["x-proxy-attempts"] == "0")
        #expect(answers[1].record["cache"] == #""collapsed""# && answers[1].record["cache_lookups"] == "1")
        #expect(answers[1].record["cache_hits"] == nil && answers[1].record["attempts"] == nil)
        #expect(proxy.transport.calls.count == 1)
    }

    @Test("If the first of them fails, the others ask for themselves")
    func asksAgain() throws {
        let proxy = CachedProxy(
            [CachedProxy.server()], [Step(outcome: .answer(500), delay: 500), Self.ok(2), Self.ok(3)])
        let answers = try proxy.ask([request(0), request(10)])
        #expect(answers.map(\.status) == ["500", "200"])
        #expect(answers[1].cache == "fwd=uri-miss" && answers[1].body.contains("\"id\":2"))
        #expect(proxy.transport.calls.count == 2)
    }

    @Test("A lookup in a slow layer is shared, too")
    func sharesLookup() throws {
        let loop = ManualLoop(now: 1_795_287_942_000)
        let tmp = CachedProxy.Layer(loop, delay: 200)
        let server = CachedProxy.server { $0.layers = [.tmp] }
        let proxy = CachedProxy([server], [Self.ok(1)], on: loop, layers: [.tmp: tmp])
        _ = try proxy.ask()
        let reads = tmp.reads
        let answers = try proxy.ask([request(0), request(100)])
        #expect(answers.map(\.cache) == Array(repeating: "hit; ttl=3600; detail=tmp", count: 2))
        #expect(tmp.reads == reads + 1 && proxy.transport.calls.count == 1)
    }

    @Test("no-cache follows nobody, and only-if-cached doesn't wait")
    func followsNobody() throws {
        let proxy = CachedProxy([CachedProxy.server()], [Self.ok(1, delay: 1000), Self.ok(2)])
        let answers = try proxy.ask([
            request(0), request(10) { $0.cacheControl = "no-cache" }, request(5) { $0.cacheControl = "only-if-cached" },
        ])
        #expect(answers.map(\.cache) == ["fwd=uri-miss", "fwd=request", "fwd=uri-miss"])
        #expect(answers.map(\.status) == ["200", "200", "504"])
        #expect(proxy.transport.calls.count == 2)
    }

    @Test("A follower waits no longer than its own invocation lasts")
    func timesOut() throws {
        let proxy = CachedProxy([CachedProxy.server()], [Self.ok(1, delay: 60_000)])
        let answers = try proxy.ask([request(0), request(10) { $0.timeLeft = 5000 }])
        #expect(answers.map(\.status) == ["200", "504"])
        #expect(answers[1].body.contains("deadline_exceeded"))
        #expect(proxy.transport.calls.count == 1)
    }
}
