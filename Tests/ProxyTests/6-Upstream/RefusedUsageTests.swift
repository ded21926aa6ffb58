import HTTPTypes
import Testing
import Transport

@testable import Proxy

/// Servers that refuse a request for a stream's usage.
@Suite struct RefusedUsageTests {
    private typealias Step = ScriptedTransport.Step

    private static let request = #"{"stream":true}"#
    private static let asking = #"{"stream_options":{"include_usage":true},"stream":true}"#
    private static let events = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n"
    private static let stream = Step(outcome: .answer(200, [.contentType: "text/event-stream"], events))
    private static var once: QuotaSet {
        var quotaSet = QuotaSet()
        quotaSet.quotas = [Quota(.requests, each: .minute, 1)]
        return quotaSet
    }
    private static let warning = "warning: a server refuses stream_options"

    private static func refusal(
        _ status: Int = 400, _ body: String = #"{"error":{"message":"Unknown field: stream_options"}}"#
    ) -> Step {
        Step(outcome: .answer(status, [.contentType: "application/json"], body))
    }

    private func server(_ name: String = "a", _ change: (inout Server) -> Void = { _ in }) -> Server {
        Samples.server(name) {
            ($0.asksForUsage, $0.retries, $0.model) = (true, 0, nil)
            change(&$0)
        }
    }

    @Test(
        "The request is repeated as the caller wrote it, whatever the refusal looks like",
        arguments: [
            (400, #"{"error":{"message":"Unrecognized request argument supplied: stream_options"}}"#),
            (422, #"{"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#),
            (400, "Stream options are not supported"), (500, #"{"error":"unexpected keyword 'include_usage'"}"#),
            (400, "<html>STREAM-OPTIONS</html>"), (200, #"{"error":{"message":"streamOptions?"}}"#),
            (400, #"{"error":{"message":"\u0022stream\u005f\u006fptions\u0022"}}"#),
            (400, #"{"error":"{\"loc\":\"include\\\u005fusage\"}"}"#),
            (422, #"{"detail":[{"type":"extra_forbidden","msg":"Extra inputs are not permitted"}]}"#),
            (400, #"{"error":{"message":"Additional properties are not allowed"}}"#),
            (400, #"{"message":"UNKNOWN FIELD in body"}"#), (400, #"{"message":"unrecognized request argument"}"#),
            (422, #"{"message":"A parameter is not supported"}"#), (400, "unexpected_property"),
        ])
    func repeats(status: Int, body: String) throws {
        let heard = try Heard.of([server()], [Self.refusal(status, body), Self.stream], body: Self.request)
        #expect(heard.calls.map(\.body) == [Self.asking, Self.request])
        #expect(heard.body == Self.events)
        #expect(heard.fields["x-proxy-attempts"] == "2")
        #expect(heard.duration == 0)
        #expect(heard.records.contains { $0.contains(#""attempts":2"#) })
        #expect(heard.log.filter { $0.hasPrefix(Self.warning) }.count == 1)
    }

    @Test("The caller's own usage option is forwarded unchanged then")
    func keepsCallersWords() throws {
        let request = #"{"stream":true,"stream_options":{"include_usage":false}}"#
        let heard = try Heard.of([server()], [Self.refusal(), Self.stream], body: request)
        #expect(heard.calls.map(\.body) == [request.replacing("false", with: "true"), request])
        #expect(heard.body == Self.events)
    }

    @Test(
        "An error is final if it isn't about the option or the caller set the option",
        arguments: [
            (request, refusal(400, #"{"error":{"message":"Bad stream"}}"#)), (request, refusal(401)),
            (request, refusal(429)), (request, refusal(500, "unknown field")),
            (request, refusal(400, #"{"error":{"message":"The model is not supported","param":null}}"#)),
            (request, refusal(400, "Unknown\(String(repeating: ".", count: 100))field")),
            (#"{"stream":true,"stream_options":{"include_usage":true}}"#, refusal()),
            ("{}", refusal()),
        ])
    private func leavesOtherErrors(request: String, refusal: Step) throws {
        let heard = try Heard.of([server()], [refusal, Self.stream], body: request)
        #expect(heard.calls.count == 1)
        #expect(heard.body.contains("error"))
    }

    @Test("If the second request fails too, that failure is treated like any other")
    func tellsSecondFailure() throws {
        let bad = Self.refusal(400, #"{"error":{"message":"No messages, but stream_options"}}"#)
        let again = try Heard.of([server()], [Self.refusal(), bad], body: Self.request)
        #expect(again.calls.count == 2 && again.status == "400" && again.body.contains("No messages"))
        #expect(again.log.allSatisfy { !$0.hasPrefix(Self.warning) }, "it may have been the request's own fault")
        let servers = [server { $0.fallbacks = ["b"] }, server("b")]
        let steps = [Self.refusal(), Self.refusal(503, "{}"), Self.refusal(), Self.stream]
        let fallen = try Heard.of(servers, steps, body: Self.request)
        #expect(fallen.calls.map(\.body) == [Self.asking, Self.request, Self.asking, Self.request])
        #expect(fallen.body == Self.events && fallen.fields["x-proxy-server"] == "b")
    }

    @Test("A later retry doesn't ask for the usage again")
    func retriesWithout() throws {
        let steps = [Self.refusal(), Self.refusal(503, "{}"), Self.stream]
        let heard = try Heard.of([server { $0.retries = 1 }], steps, body: Self.request)
        #expect(heard.calls.map(\.body) == [Self.asking, Self.request, Self.request])
        #expect(heard.body == Self.events)
        #expect(heard.log.filter { $0.hasPrefix(Self.warning) }.count == 1, "its stream shows what was refused")
        let reset = [Self.refusal(), Step(outcome: .error(.reset)), Self.stream]
        let late = try Heard.of([server { $0.retries = 1 }], reset, body: Self.request)
        #expect(late.body == Self.events && late.log.contains { $0.hasPrefix(Self.warning) })
    }

    @Test(
        "The option is found at the end of an error too, whatever precedes it",
        arguments: ["s", "\\", "stream_", "unknown ", "\\u005f", "i-"])
    func readsToEnd(filler: String) {
        let text = String(repeating: filler, count: 20_000)
        #expect(UsageRefusal(Array(text.utf8)) == nil)
        #expect(UsageRefusal(Array((text + " stream_options").utf8)) == .named)
        #expect(UsageRefusal(Array((text + " unknown field").utf8)) == .general)
    }

    @Test("The two requests count as one")
    func countsOnce() throws {
        let limited = server { $0.quotaSet = Self.once }
        let heard = try Heard.of([limited], [Self.refusal(), Self.stream], body: Self.request)
        #expect(heard.body == Self.events)
    }

    @Test("The server isn't asked for the usage for an hour; other servers are")
    func remembers() {
        let refusals = UsageRefusals()
        #expect(refusals.note("a", at: 1000))
        #expect(!refusals.note("a", at: 2000))
        for (name, time, asks) in [("a", 3_601_999, false), ("a", 3_602_000, true), ("b", 3000, true)] {
            var route = Route(upstream: UpstreamServer(server(name)), pathAndQuery: "", body: .opaque)
            route.asksForUsage = true
            refusals.apply(to: &route, at: Int64(time))
            #expect(route.asksForUsage == asks)
        }
    }
}
