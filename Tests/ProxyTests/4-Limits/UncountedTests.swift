import HTTPTypes
import Logging
import Testing
import Transport

@testable import Proxy

/// What doesn't count against limits of days, months, tokens and costs: lists, and what no model has worked for.
@Suite struct UncountedTests {
    private typealias Step = ScriptedTransport.Step

    private static let json: HTTPFields = [.contentType: "application/json"]
    private static let usage = #"{"choices":[],"usage":{"prompt_tokens":60,"completion_tokens":40}}"#
    private static let ok = Step(outcome: .answer(200, json, usage))
    private static let list = Step(outcome: .answer(200, json, #"{"data":[]}"#))
    private static let chat = (method: "POST", path: "/a/v1/chat/completions", body: #"{"model":"m"}"#)

    /// One key with limits, one clock, one store.
    private final class Caller {
        let loop = ManualLoop(now: 1_795_287_942_000)
        let store: FlakyStore
        let servers: [Server]
        let settings: (inout Settings) -> Void

        init(
            _ quotas: [Quota], parallel: Int? = nil, _ servers: [Server]? = nil, deny: Bool = false
        ) {
            self.servers =
                servers ?? [
                    Samples.server("a") { ($0.retries, $0.prices.standard) = (0, Price(input: 0.001, output: 0.001)) }
                ]
            settings = {
                $0.virtualKeys[0].quotaSet.quotas = quotas
                $0.virtualKeys[0].quotaSet.parallel = parallel
                $0.allowsWithoutStore = !deny
            }
            store = FlakyStore(loop)
        }

        func ask(
            _ steps: Step..., method: String = chat.method, path: String = chat.path, body: String = chat.body,
            timeLeft: Int64? = nil
        ) throws -> Heard {
            try Heard.of(
                servers, steps, method: method, path: path, body: body, timeLeft: timeLeft, on: loop, store: store,
                settings: settings)
        }

        func listed(_ path: String = "/a/v1/models") throws -> Heard {
            try ask(list, method: "GET", path: path, body: "")
        }

        /// What is counted for the key in a period.
        func counted(_ period: Period) throws -> Int {
            let counter = Counter("key/web", period, start: period.start(at: loop.now / 1000))
            let result = try loop.run { [store] in
                try await store.take(PermitRequest(counter, requests: 1, quotas: Usage()))
            }
            guard case .refused(let used) = result else { throw ManualLoop.Stuck() }
            return used.requests
        }
    }

    private static let day = Quota(.requests, each: .day, 1)
    private static let usedUp = [
        [day], [Quota(.requests, each: .month, 1)], [Quota(.tokens, each: .minute, 100)],
        [Quota(.tokens, each: .day, 100)], [Quota(.tokens, each: .month, 100)], [Quota(.cost, each: .day, 1)],
        [Quota(.cost, each: .month, 1)],
        // Both in one counter.
        [Quota(.requests, each: .minute, 9), Quota(.tokens, each: .minute, 100)],
        [Quota(.requests, each: .day, 9), Quota(.tokens, each: .day, 100), Quota(.cost, each: .day, 1)],
    ]

    @Test("Models are listed though the quota is used up, and that takes nothing of it", arguments: usedUp)
    func listsBeyond(quotas: [Quota]) throws {
        let caller = Caller(quotas)
        for path in ["/a/v1/models", "/a/v1/models/m"] { #expect(try caller.listed(path).status == "200") }
        for period in [Period.day, .month] { #expect(try caller.counted(period) == 0) }
        #expect(try caller.ask(Self.ok).status == "200")
        for _ in 0..<2 {
            #expect(try caller.ask().status == "429")
            #expect(try caller.listed().status == "200")
        }
    }

    @Test("Lists count as requests of the minute, and are open like others")
    func listsWithin() throws {
        let caller = Caller([Quota(.requests, each: .minute, 2), Quota(.tokens, each: .minute, 100), Self.day])
        let first = try caller.listed()
        #expect(first.fields["x-ratelimit-remaining-requests"] == "1")
        #expect(first.fields["x-ratelimit-limit-tokens"] == nil)
        _ = try caller.ask(Self.ok)
        let refused = try caller.listed()
        #expect(refused.status == "429" && refused.body.contains("2 requests a minute") && refused.calls.isEmpty)
        let open = Caller([], parallel: 1)
        let lease = Lease("key/web", id: "another", quota: 1, expires: open.loop.now / 1000 + 10)
        let isTaken = try open.loop.run { [store = open.store] in try await store.enter(lease) }
        #expect(isTaken)
        #expect(try open.listed().body.contains("1 requests open at once"))
    }

    @Test("A server's own limits let lists pass too")
    func listsAtServer() throws {
        let server = Samples.server("a") { $0.quotaSet.quotas = [Self.day] }
        let caller = Caller([], [server])
        _ = try caller.ask(Self.ok)
        #expect(try caller.ask().body.contains("the server 'a'"))
        #expect(try caller.listed().status == "200")
    }

    @Test("A store that can't be asked keeps no list back for which nothing is counted", arguments: [true, false])
    func listsWithoutStore(isByMinute: Bool) throws {
        let caller = Caller([Self.day] + (isByMinute ? [Quota(.requests, each: .minute, 9)] : []), deny: true)
        caller.store.fails = { _ in true }
        #expect(try caller.ask().status == "503")
        #expect(try caller.listed().status == (isByMinute ? "503" : "200"))
    }

    private static func answer(_ status: Int, _ body: String = #"{"error":{"message":"no"}}"#) -> Step {
        Step(outcome: .answer(status, json, body))
    }

    private static let refusals: [Step] = {
        let statuses = [
            300, 302, 304, 307, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 421, 422, 429, 431, 451, 503, 529,
        ]
        let kinds: [TransportError.Kind] = [.unresolved, .refused, .connectTimeout, .handshake, .tls, .invalidRequest]
        var steps = statuses.map { answer($0) }
        steps += kinds.map { Step(outcome: .error($0)) }
        steps.append(answer(404, #"{"error":{"message":"see \"usage\"","usage":null}}"#))
        steps.append(answer(429, "busy"))
        steps.append(answer(400, ""))
        // The caller hears of those in a success by the status that they tell, or by 502.
        let told = [
            #"{"error":{"message":"no","code":404}}"#, #"{"error":{"message":"no","code":"400"}}"#,
            #"{"error":{"message":"no","status":429}}"#, #"[{"error":{"code":503,"message":"no"}}]"#,
            #"{"object":"error","message":"no","code":401}"#, #"{"error":"no","status":403}"#,
            #"{"error":{"message":"no","code":"model_not_found"}}"#,
            #"{"error":{"message":"no","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
            #"{"error":{"message":"no","type":"invalid_request_error","code":null}}"#,
            #"{"type":"error","error":{"type":"overloaded_error","message":"no"}}"#,
            #"{"error":{"message":"no","status":"NOT_FOUND"}}"#,
            #"{"errors":[{"message":"no","code":"invalid_value"}]}"#, #"{"id":1,"error":{"message":"no","code":404}}"#,
        ]
        return steps + told.map { answer(200, $0) }
    }()

    @Test("What no model has worked for is given back for the day and the month", arguments: refusals.indices)
    func givesBack(index: Int) throws {
        let caller = Caller([
            Quota(.requests, each: .minute, 9), Quota(.requests, each: .day, 2),
            Quota(.requests, each: .month, 2),
        ])
        for _ in 0..<3 {
            #expect(try caller.ask(Self.refusals[index], Self.refusals[index]).status >= "400")
        }
        #expect(try Period.allCases.map { try caller.counted($0) } == [3, 0, 0])
        #expect(caller.store.added["key/web"] == Array(repeating: Usage(requests: -1), count: 6))
    }

    private static let worked: [Step] = {
        let statuses = [200, 201, 408, 424, 498, 499, 500, 501, 502, 504, 520, 599, 600]
        let kinds: [TransportError.Kind] = [
            .firstByteTimeout, .idleTimeout, .timeout, .reset, .malformed, .canceled, .tooLarge,
        ]
        var steps = statuses.map { answer($0) }
        steps += kinds.map { Step(outcome: .error($0)) }
        steps.append(ok)
        let told = [
            #"{"error":{"message":"no"}}"#, #"{"error":{"message":"no","code":500}}"#,
            #"{"error":{"message":"no","code":424}}"#, #"{"error":{"message":"no","code":"content_filter"}}"#,
            #"{"error":{"message":"no","type":"invalid_request_error","code":"odd"}}"#,
            #"{"error":{"message":"no","code":"Model_Not_Found"}}"#, #"{"error":{"message":"model_not_found"}}"#,
            #"{"error":{"message":"no","code":404},"usage":{"prompt_tokens":1}}"#,
            #"{"error":{"message":"no","code":404,"failed_generation":"<tool"}}"#,
            #"{"error":{"message":"no","code":404},"choices":[{"message":{"content":"hi"}}]}"#,
            #"{"id":1,"code":404}"#,
        ]
        steps += told.map { answer(200, $0) }
        steps.append(answer(400, #"{"error":{"usage":{"total_tokens":1}}}"#))
        steps.append(answer(404, #"{"usage": {"total_tokens": 1}, "error": {}}"#))
        steps.append(answer(400, #"{"error":{"message":"no tool","failed_generation":"<tool"}}"#))
        steps.append(Step(outcome: .answer(200, [.contentType: "application/json", .contentEncoding: "br"], "{}")))
        return steps
    }()

    @Test("What a model may have worked for counts, whatever became of it", arguments: worked.indices)
    func keeps(index: Int) throws {
        let caller = Caller([Quota(.requests, each: .day, 5), Quota(.requests, each: .month, 5)])
        _ = try caller.ask(Self.worked[index])
        #expect(try Period.allCases.map { try caller.counted($0) } == [0, 1, 1])
        #expect(caller.store.added["key/web"] == nil)
    }

    private static let notFound = #"{"error":{"message":"no","code":404}}"#
    private static let chunk = "data: {\"choices\":[{\"delta\":{}}]}\n\n"
    /// Streams, and whether they count.
    private static let streams: [(events: String, count: Int)] = [
        ("data: \(notFound)\n\n", 0), (": note\n\nevent: error\ndata: \(notFound)\n\n", 0), ("data: \(notFound)", 0),
        ("data: \(notFound)\n\ndata: [DONE]\n\n", 0), ("error: {\"code\":400,\"message\":\"no\"}\n\n", 0),
        (#"data: {"error":{"message":"no","code":"model_not_found"}}"# + "\n\n", 0),
        (#"data: {"error":{"message":"no","code":500}}"# + "\n\n", 1),
        (#"data: {"error":{"message":"no"}}"# + "\n\n", 1),
        (chunk + "data: \(notFound)\n\n", 1), (chunk + "data: [DONE]\n\n", 1), ("data: [DONE]\n\n", 1), ("", 1),
        (#"data: {"choices":[],"usage":{"prompt_tokens":1}}"# + "\n\ndata: \(notFound)\n\n", 1),
        (#"data: {"error":{"message":"no","code":404},"usage":{"prompt_tokens":1}}"# + "\n\n", 1),
        (#"data: {"error":{"message":"no","code":400,"failed_generation":"<tool"}}"# + "\n\n", 1),
        (#"data: {"error":{"message":"no","code":404},"choices":[{"text":"hi"}]}"# + "\n\n", 1),
    ]

    @Test("A stream is given back if it is nothing but a refusal", arguments: streams)
    func judgesStreams(events: String, count: Int) throws {
        let stream = Step(outcome: .answer(200, [.contentType: "text/event-stream"], events))
        for isBehindRefusal in [false, true] {
            let caller = Caller([Self.day], [Samples.server("a") { $0.retries = isBehindRefusal ? 1 : 0 }])
            let steps = isBehindRefusal ? [Self.answer(429), stream] : [stream]
            let heard = try Heard.of(
                caller.servers, steps, body: #"{"model":"m","stream":true}"#, on: caller.loop, store: caller.store,
                settings: caller.settings)
            #expect(heard.status == "200")
            #expect(try caller.counted(.day) == count)
        }
    }

    @Test("A refusal in a stream doesn't undo what an attempt before it has counted")
    func keepsBeforeStreams() throws {
        let caller = Caller([Self.day], [Samples.server("a") { $0.retries = 1 }])
        let stream = Step(outcome: .answer(200, [.contentType: "text/event-stream"], "data: \(Self.notFound)\n\n"))
        let heard = try caller.ask(Self.answer(500), stream, body: #"{"model":"m","stream":true}"#)
        #expect(heard.calls.count == 2)
        #expect(try caller.counted(.day) == 1)
    }

    @Test("One attempt of several that may have worked is enough")
    func keepsAttempts() throws {
        let server = Samples.server("a") { $0.retries = 2 }
        for steps in [[500, 429, 404], [429, 500, 404], [429, 429, 500]] {
            let caller = Caller([Self.day], [server])
            let answers = steps.map { Self.answer($0) }
            _ = try caller.ask(answers[0], answers[1], answers[2])
            #expect(try caller.counted(.day) == 1)
        }
        let caller = Caller([Self.day], [server])
        _ = try caller.ask(Self.answer(429), Self.answer(503), Self.answer(404))
        #expect(try caller.counted(.day) == 0)
    }

    @Test("A server that has refused gives back its own requests, though a fallback has answered")
    func givesBackByServer() throws {
        let servers = ["a", "b"].map { name in
            Samples.server(name) {
                ($0.retries, $0.fallbacks) = (0, name == "a" ? ["b"] : [])
                $0.quotaSet.quotas = [Quota(.requests, each: .day, 5)]
            }
        }
        let caller = Caller([Quota(.requests, each: .day, 5)], servers)
        #expect(try caller.ask(Self.answer(503), Self.ok).fields["x-proxy-server"] == "b")
        #expect(caller.store.added == ["server/a": [Usage(requests: -1)]])
        #expect(try caller.ask(Self.answer(503), Self.answer(404)).status == "404")
        #expect(caller.store.added["server/b"] == [Usage(requests: -1)])
        #expect(try caller.counted(.day) == 1)
    }

    @Test("A caller who has gone hasn't used less for it")
    func keepsDisconnected() throws {
        let caller = Caller([Self.day])
        let body = #"{"model":"m","stream":true}"#
        let heard = try Heard.of(
            caller.servers, [Step(outcome: .silence)], body: body, on: caller.loop, store: caller.store,
            runtimeStatus: 410, settings: caller.settings)
        #expect(heard.calls.count == 1)
        #expect(try caller.counted(.day) == 1)
    }

    @Test("An error behind an early answer is given back like any other")
    func givesBackEarly() throws {
        let caller = Caller([Self.day])
        let refusal = Step(outcome: .answer(404, Self.json), delay: 20_000)
        let heard = try caller.ask(refusal, body: #"{"model":"m","stream":true}"#)
        #expect(heard.status == "200" && heard.body.contains("keepalive"))
        #expect(try caller.counted(.day) == 0)
    }

    @Test("What a status means where nothing is read isn't known", arguments: [true, false])
    func keepsUnread(isReverseProxy: Bool) throws {
        let server = Samples.server("a") {
            ($0.isReverseProxy, $0.endpoints, $0.retries) = (isReverseProxy, [EndpointPattern("*")], 0)
        }
        let told = Self.answer(200, Self.notFound)
        for (step, count) in [(Self.answer(404), 1), (told, 1), (Step(outcome: .error(.refused)), 0)] {
            let caller = Caller([Self.day], [server])
            _ = try caller.ask(step, step, path: "/a/v1/messages")
            #expect(try caller.counted(.day) == count)
        }
    }

    @Test("Where a process takes requests in advance, those in vain leave the limit to the others")
    func givesBackBatches() throws {
        let loop = ManualLoop()
        let limits = Limits(
            Settings(), MemoryStore { loop.now }, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let route = Samples.route { $0.quotaSet.quotas = [Quota(.requests, each: .day, 300)] }
        let worked = try loop.run {
            var worked = 0
            for number in 1...2000 {
                let reservation = QuotaReservation(requestID: "\(number)", deadline: nil)
                do throws(ProxyError) { try await limits.admit(reservation, along: route) } catch { break }
                if number.isMultiple(of: 3) {
                    reservation.hasWork(at: route.server)
                    worked += 1
                }
                _ = await limits.settle(reservation, server: "a", Usage())
            }
            return worked
        }
        // The last batch may have gone beyond the limit.
        #expect((298...300).contains(worked))
    }

    @Test("What is given back can be had at once")
    func givesBackAtOnce() throws {
        let caller = Caller([Quota(.requests, each: .day, 1)])
        for _ in 0..<5 { #expect(try caller.ask(Self.answer(404)).status == "404") }
        #expect(try caller.ask(Self.ok).status == "200")
        #expect(try caller.ask().status == "429")
    }
}
