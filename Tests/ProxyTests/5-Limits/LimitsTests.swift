import HTTPTypes
import Testing
import Transport

@testable import Proxy

/// Limits from the caller's point of view: the whole proxy, with the store in its memory.
@Suite struct LimitsTests {
    private static let usage = #"{"choices":[],"usage":{"prompt_tokens":60,"completion_tokens":40}}"#
    private static let ok = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], usage))

    private static func quotaSet(_ quotas: Quota..., parallel: Int? = nil) -> QuotaSet {
        var quotaSet = QuotaSet()
        (quotaSet.quotas, quotaSet.parallel) = (quotas, parallel)
        return quotaSet
    }

    /// One caller, one clock, one store.
    private final class Caller {
        let loop = ManualLoop(now: 1_795_287_942_000)
        let store: MemoryStore
        let servers: [Server]
        let settings: (inout Settings) -> Void

        init(_ servers: [Server] = [Samples.server("a")], _ settings: @escaping (inout Settings) -> Void = { _ in }) {
            (self.servers, self.settings) = (servers, settings)
            store = MemoryStore { [loop] in loop.now }
        }

        func ask(
            _ steps: [ScriptedTransport.Step] = [ok], path: String = "/a/v1/chat/completions",
            body: String = #"{"model":"m"}"#
        ) throws -> Heard {
            try Heard.of(servers, steps, path: path, body: body, on: loop, store: store, settings: settings)
        }

        func wait(_ milliseconds: Int) throws {
            try loop.run { [loop] in try await loop.sleep(for: milliseconds, Cancellation()) }
        }
    }

    @Test("A key over its requests per minute learns whose limit it was and when to try again")
    func limitsRequests() throws {
        let caller = Caller { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.requests, each: .minute, 2)) }
        let first = try caller.ask()
        #expect(first.status == "200")
        #expect(
            first.fields["x-ratelimit-limit-requests"] == "2" && first.fields["x-ratelimit-remaining-requests"] == "1")
        #expect(first.fields["x-ratelimit-reset-requests"] == "18s" && first.fields["x-ratelimit-limit-tokens"] == nil)
        #expect(try caller.ask().fields["x-ratelimit-remaining-requests"] == "0")
        let third = try caller.ask([])
        #expect(third.status == "429" && third.calls.isEmpty)
        #expect(
            third.body == #"{"error":{"message":"The limit of the key 'web' has been reached: 2 requests a minute. "#
                + #"Try again in 18s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#)
        #expect(third.fields["retry-after"] == "18" && third.fields["retry-after-ms"] == "18000")
        #expect(third.fields["x-should-retry"] == nil && third.fields["x-ratelimit-remaining-requests"] == "0")
        #expect(
            third.records.allSatisfy {
                $0.contains(#""error.type":"policy_rate_limit_exceeded""#) && $0.contains(#""policy_errors":1"#)
            })
        try caller.wait(18_000)
        #expect(try caller.ask().status == "200")
    }

    @Test("Tokens are charged once they are known, and limit the next request")
    func limitsTokens() throws {
        let caller = Caller { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.tokens, each: .minute, 150)) }
        #expect(try caller.ask().fields["x-ratelimit-remaining-tokens"] == "150")
        #expect(try caller.ask().fields["x-ratelimit-remaining-tokens"] == "50")
        let third = try caller.ask([])
        #expect(
            third.status == "429" && third.body.contains(#""type":"tokens""#)
                && third.body.contains("150 tokens a minute"))
        #expect(third.fields["x-ratelimit-remaining-tokens"] == "0")
    }

    @Test(
        "SDKs are told not to retry a quota that is used up",
        arguments: [
            (Quota(.requests, each: .day, 1), "1 request a day. Try again in 4h54m18s."),
            (Quota(.requests, each: .month, 1), "1 request a month. Try again in 220h54m18s."),
            (Quota(.tokens, each: .day, 100), "100 tokens a day. Try again in 4h54m18s."),
            (Quota(.tokens, each: .month, 100), "100 tokens a month. Try again in 220h54m18s."),
            (Quota(.cost, each: .day, 220_000_000), "$0.22 a day. Try again in 4h54m18s."),
            (Quota(.cost, each: .month, 220_000_000), "$0.22 a month. Try again in 220h54m18s."),
        ])
    func limitsQuotas(quota: Quota, words: String) throws {
        let server = Samples.server("a") { $0.prices.standard = Price(input: 0.002, output: 0.0025) }
        let caller = Caller([server]) { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(quota) }
        #expect(try caller.ask().status == "200")
        let second = try caller.ask([])
        #expect(
            second.status == "429" && second.body.contains(words)
                && second.body.contains(#""code":"insufficient_quota""#))
        #expect(second.fields["x-should-retry"] == "false")
        // Clients that don't know `x-should-retry` would sleep until then.
        #expect(second.fields["retry-after"] == nil && second.fields["retry-after-ms"] == nil)
        let reset = quota.measure == .tokens ? "x-ratelimit-reset-tokens" : "x-ratelimit-reset-requests"
        #expect((second.fields[reset] == nil) == (quota.measure == .cost))
    }

    @Test("A key's limit at one server doesn't apply at another")
    func limitsKeyAtServer() throws {
        let caller = Caller([Samples.server("a"), Samples.server("b")]) {
            $0.virtualKeys[0].limits.serverQuotaSets["a"] = Self.quotaSet(Quota(.requests, each: .minute, 1))
        }
        #expect(try caller.ask().status == "200")
        #expect(try caller.ask([]).body.contains("the key 'web' at the server 'a'"))
        #expect(try caller.ask(path: "/b/v1/chat/completions").status == "200")
    }

    @Test("A server's limit applies to its owner too, and its fallbacks are asked")
    func limitsServer() throws {
        let a = Samples.server("a") {
            ($0.fallbacks, $0.quotaSet) = (["b"], Self.quotaSet(Quota(.requests, each: .minute, 1)))
        }
        let caller = Caller([
            a, Samples.server("b") { $0.quotaSet = Self.quotaSet(Quota(.requests, each: .minute, 1)) },
        ])
        #expect(try caller.ask().fields["x-proxy-server"] == "a")
        #expect(try caller.ask().fields["x-proxy-server"] == "b")
        let third = try caller.ask([])
        #expect(third.status == "429" && third.body.contains("the server 'b' for all its callers"))
    }

    @Test("The headers don't show the limits of a server that wasn't asked")
    func tellsOfWhoAnswered() throws {
        let a = Samples.server("a") {
            ($0.fallbacks, $0.quotaSet) = (["b"], Self.quotaSet(Quota(.requests, each: .minute, 1)))
        }
        let caller = Caller([a, Samples.server("b")]) {
            $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.requests, each: .minute, 9))
        }
        #expect(try caller.ask().fields["x-ratelimit-remaining-requests"] == "0")
        let second = try caller.ask()
        #expect(second.fields["x-proxy-server"] == "b" && second.fields["x-ratelimit-remaining-requests"] == "7")
    }

    @Test("A fallback isn't asked beyond the key's limit")
    func keyLimitIsFinal() throws {
        let a = Samples.server("a") { $0.fallbacks = ["b"] }
        let caller = Caller([a, Samples.server("b")]) {
            $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.requests, each: .minute, 1))
        }
        _ = try caller.ask()
        #expect(try caller.ask([]).status == "429")
    }

    @Test("A refused request isn't counted, and retries of one request count once")
    func countsOnce() throws {
        let a = Samples.server("a") { $0.quotaSet = Self.quotaSet(Quota(.requests, each: .minute, 2)) }
        let caller = Caller([a]) { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.requests, each: .day, 3)) }
        #expect(try caller.ask([.init(outcome: .answer(500)), .init(outcome: .answer(500)), Self.ok]).status == "200")
        #expect(try caller.ask().status == "200")
        for _ in 0..<5 { #expect(try caller.ask([]).body.contains("the server 'a'")) }
        try caller.wait(18_000)
        #expect(try caller.ask().status == "200")
        #expect(try caller.ask([]).body.contains("3 requests a day"))
    }

    @Test("The number of open requests is limited, and each that ends makes room", arguments: [200, 500])
    func limitsParallel(status: Int) throws {
        let caller = Caller { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(parallel: 1) }
        for _ in 0..<3 { #expect(try caller.ask([.init(outcome: .answer(status))]).status != "429") }
        let lease = Lease("key/web", id: "another", quota: 1, expires: caller.loop.now / 1000 + 10)
        #expect(caller.store.enter(lease))
        let refused = try caller.ask([])
        #expect(
            refused.status == "429" && refused.body.contains("1 request open at once")
                && refused.fields["retry-after"] == "1")
        // Its process was killed, but the time of its invocation is over.
        try caller.wait(200_000)
        #expect(try caller.ask().status == "200")
    }

    @Test("A server that has failed has room again as soon as another is asked")
    func leavesFailedServers() throws {
        let a = Samples.server("a") {
            ($0.fallbacks, $0.retries) = (["b"], 0); $0.quotaSet.parallel = 1
        }
        let caller = Caller([a, Samples.server("b")])
        let watched = WatchedStore(caller.store)
        let heard = try Heard.of(
            caller.servers, [.init(outcome: .answer(500)), Self.ok], on: caller.loop, store: watched)
        #expect(heard.fields["x-proxy-server"] == "b")
        #expect(watched.notes == ["enter server/a", "leave server/a"])
    }

    @Test("A background request can't be counted, so it is refused if tokens are limited")
    func refusesBackground() throws {
        let body = #"{"model":"m","background":true}"#
        let path = "/a/v1/responses"
        let limited = Caller { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.tokens, each: .day, 9)) }
        let refused = try limited.ask([], path: path, body: body)
        #expect(refused.status == "403" && refused.body.contains(#""code":"usage_unknown""#))
        #expect(try limited.ask(path: path, body: #"{"model":"m","background":false}"#).status == "200")
        let free = Caller { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.requests, each: .day, 9)) }
        #expect(try free.ask(path: path, body: body).status == "200")
    }

    @Test("A request to a provider that was too slow is charged; one that didn't reach it isn't")
    func chargesTheSlow() throws {
        let server = Samples.server("a") { ($0.retries, $0.commitsEarly) = (0, false) }
        let body = #"{"model":"m","messages":[{"content":"\#(String(repeating: "word", count: 100))"}]}"#
        for (kind, isCharged) in [(TransportError.Kind.firstByteTimeout, true), (.connectTimeout, false)] {
            let caller = Caller([server]) {
                $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.tokens, each: .day, 10_000))
            }
            #expect(
                try caller.ask([.init(outcome: .error(kind)), .init(outcome: .error(kind))], body: body).status == "504"
            )
            let left = try caller.ask().fields["x-ratelimit-remaining-tokens"]
            #expect(left == "\(10_000 - (isCharged ? body.utf8.count / 4 : 0))")
        }
    }

    @Test("Reading an earlier response isn't charged again")
    func chargesNoReads() throws {
        let server = Samples.server("a") { $0.endpoints = [EndpointPattern("responses/*")] }
        let caller = Caller([server]) {
            $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.tokens, each: .day, 100))
        }
        for _ in 0..<3 {
            let heard = try Heard.of(
                caller.servers, [Self.ok], method: "GET", path: "/a/v1/responses/1", body: "", on: caller.loop,
                store: caller.store, settings: caller.settings)
            #expect(heard.status == "200" && heard.fields["x-ratelimit-remaining-tokens"] == "100")
        }
    }

    @Test("An upstream's own 429 passes with its own message")
    func passesUpstreams() throws {
        let server = Samples.server("a") { $0.retries = 0 }
        let caller = Caller([server]) {
            $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.requests, each: .minute, 9))
        }
        let fields = ["x-ratelimit-remaining-requests": "0", "retry-after": "7"]
        let answer = try caller.ask([
            .init(outcome: .answer(429, .init(fields.map { .init(name: .init($0)!, value: $1) })))
        ])
        #expect(
            answer.status == "429" && answer.fields["x-ratelimit-remaining-requests"] == "0"
                && answer.fields["retry-after"] == "7")
        #expect(answer.fields["x-ratelimit-limit-requests"] == nil)
        #expect(answer.records.allSatisfy { $0.contains(#""error.type":"upstream_429""#) })
    }

    @Test("The usage of a broken response is charged as an estimate")
    func chargesEstimates() throws {
        let caller = Caller { $0.virtualKeys[0].limits.quotaSet = Self.quotaSet(Quota(.tokens, each: .minute, 100)) }
        let body = #"{"model":"m","stream":true,"messages":[]}"#
        let stream = "data: {\"choices\":[{}]}\n\ndata: {\"choices\":[{}]}\n\n"
        let step = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "text/event-stream"], stream))
        let heard = try caller.ask([step], body: body)
        let record = try #require(heard.records.first)
        #expect(record.contains(#""estimated":true"#) && record.contains(#""gen_ai.usage.output_tokens":2"#))
        #expect(record.contains(#""error.type":"upstream_truncated""#))
        let left = try caller.ask().fields["x-ratelimit-remaining-tokens"]
        #expect(left == "\(100 - 2 - body.utf8.count / 4)")
    }
}
