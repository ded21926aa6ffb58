import HTTPTypes
import Logging
import Testing
import Transport

@testable import Proxy

/// A request on which no model has worked doesn't count against limits of days and months.
@Suite struct ModelWorkTests {
    private typealias Step = ScriptedTransport.Step

    private static let day = Quota(.requests, each: .day, 1)

    private static func answer(_ status: Int, _ body: String = #"{"error":{"message":"no"}}"#) -> Step {
        Step(outcome: .answer(status, LimitedKey.json, body))
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
        // For an error in a success, the caller gets the status that it names, or 502.
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

    @Test("A request on which no model has worked is given back for the day and the month", arguments: refusals.indices)
    func givesBack(index: Int) throws {
        let caller = LimitedKey([
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
        steps.append(LimitedKey.ok)
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
        steps.append(
            Step(
                outcome: .answer(200, [.contentType: "application/json", .contentEncoding: "br"], "{}")))
        return steps
    }()

    @Test("A request on which a model may have worked counts, whatever its result", arguments: worked.indices)
    func keeps(index: Int) throws {
        let caller = LimitedKey([Quota(.requests, each: .day, 5), Quota(.requests, each: .month, 5)])
        _ = try caller.ask(Self.worked[index])
        #expect(try Period.allCases.map { try caller.counted($0) } == [0, 1, 1])
        #expect(caller.store.added["key/web"] == nil)
    }

    private static let notFound = #"{"error":{"message":"no","code":404}}"#
    private static let chunk = "data: {\"choices\":[{\"delta\":{}}]}\n\n"
    /// Streams, and how many requests they count as.
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

    @Test("A stream is given back if it contains only a refusal", arguments: streams)
    func judgesStreams(events: String, count: Int) throws {
        let stream = Step(outcome: .answer(200, [.contentType: "text/event-stream"], events))
        for isAfterRefusal in [false, true] {
            let caller = LimitedKey([Self.day], [Samples.server("a") { $0.retries = isAfterRefusal ? 1 : 0 }])
            let steps = isAfterRefusal ? [Self.answer(429), stream] : [stream]
            let heard = try Heard.of(
                caller.servers, steps, body: #"{"model":"m","stream":true}"#, on: caller.loop, store: caller.store,
                settings: caller.settings)
            #expect(heard.status == "200")
            #expect(try caller.counted(.day) == count)
        }
    }

    @Test("A refusal in a stream doesn't undo the count of an earlier attempt")
    func keepsBeforeStreams() throws {
        let caller = LimitedKey([Self.day], [Samples.server("a") { $0.retries = 1 }])
        let stream = Step(outcome: .answer(200, [.contentType: "text/event-stream"], "data: \(Self.notFound)\n\n"))
        let heard = try caller.ask(Self.answer(500), stream, body: #"{"model":"m","stream":true}"#)
        #expect(heard.calls.count == 2)
        #expect(try caller.counted(.day) == 1)
    }

    @Test("One attempt of several that may have worked is enough")
    func keepsAttempts() throws {
        let server = Samples.server("a") { $0.retries = 2 }
        for steps in [[500, 429, 404], [429, 500, 404], [429, 429, 500]] {
            let caller = LimitedKey([Self.day], [server])
            let answers = steps.map { Self.answer($0) }
            _ = try caller.ask(answers[0], answers[1], answers[2])
            #expect(try caller.counted(.day) == 1)
        }
        let caller = LimitedKey([Self.day], [server])
        _ = try caller.ask(Self.answer(429), Self.answer(503), Self.answer(404))
        #expect(try caller.counted(.day) == 0)
    }

    @Test("A refused request is given back for its server even if a fallback has answered")
    func givesBackByServer() throws {
        let servers = ["a", "b"].map { name in
            Samples.server(name) {
                ($0.retries, $0.fallbacks) = (0, name == "a" ? ["b"] : [])
                $0.quotaSet.quotas = [Quota(.requests, each: .day, 5)]
            }
        }
        let caller = LimitedKey([Quota(.requests, each: .day, 5)], servers)
        #expect(try caller.ask(Self.answer(503), LimitedKey.ok).fields["x-proxy-server"] == "b")
        #expect(caller.store.added == ["server/a": [Usage(requests: -1)]])
        #expect(try caller.ask(Self.answer(503), Self.answer(404)).status == "404")
        #expect(caller.store.added["server/b"] == [Usage(requests: -1)])
        #expect(try caller.counted(.day) == 1)
    }

    @Test("A request counts even if the caller has disconnected")
    func keepsDisconnected() throws {
        let caller = LimitedKey([Self.day])
        let body = #"{"model":"m","stream":true}"#
        let heard = try Heard.of(
            caller.servers, [Step(outcome: .silence)], body: body, on: caller.loop, store: caller.store,
            runtimeStatus: 410, settings: caller.settings)
        #expect(heard.calls.count == 1)
        #expect(try caller.counted(.day) == 1)
    }

    @Test("An error after an early response is given back like any other")
    func givesBackEarly() throws {
        let caller = LimitedKey([Self.day])
        let refusal = Step(outcome: .answer(404, LimitedKey.json), delay: 20_000)
        let heard = try caller.ask(refusal, body: #"{"model":"m","stream":true}"#)
        #expect(heard.status == "200" && heard.body.contains("keepalive"))
        #expect(try caller.counted(.day) == 0)
    }

    @Test("A status counts as work on endpoints whose responses aren't read", arguments: [true, false])
    func keepsUnread(isReverseProxy: Bool) throws {
        let server = Samples.server("a") {
            ($0.isReverseProxy, $0.endpoints, $0.retries) = (isReverseProxy, [EndpointPattern("*")], 0)
        }
        let told = Self.answer(200, Self.notFound)
        for (step, count) in [(Self.answer(404), 1), (told, 1), (Step(outcome: .error(.refused)), 0)] {
            let caller = LimitedKey([Self.day], [server])
            _ = try caller.ask(step, step, path: "/a/v1/messages")
            #expect(try caller.counted(.day) == count)
        }
    }

    @Test("Requests that are given back make room for others, also with prefetched permits")
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
        // The last batch may have had permits beyond the limit.
        #expect((298...300).contains(worked))
    }

    @Test("A request that was given back can be used at once")
    func givesBackAtOnce() throws {
        let caller = LimitedKey([Quota(.requests, each: .day, 1)])
        for _ in 0..<5 { #expect(try caller.ask(Self.answer(404)).status == "404") }
        #expect(try caller.ask(LimitedKey.ok).status == "200")
        #expect(try caller.ask().status == "429")
    }
}
