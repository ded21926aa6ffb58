import HTTPTypes
import Testing
import Transport

@testable import Proxy

/// A provider that repeats the token that it was sent.
@Suite struct ReflectedTokenTests {
    private typealias Step = ScriptedTransport.Step

    private static let token = "sk-upstream/0123456789"
    private static let json: HTTPFields = [.contentType: "application/json"]
    private static let events: HTTPFields = [.contentType: "text/event-stream"]

    /// Asks for a stream if the response is one.
    private func heard(
        _ status: Int, _ fields: HTTPFields, _ body: String, request: String? = nil, delay: Int = 0,
        path: String = "/a/v1/chat/completions", _ change: (inout Server) -> Void = { _ in }
    ) throws -> Heard {
        let request = request ?? #"{"model":"gpt","stream":\#(fields == Self.events)}"#
        let server = Samples.server("a") {
            ($0.token, $0.retries) = (Secret(Self.token), 0)
            change(&$0)
        }
        return try Heard.of(
            [server], [Step(outcome: .answer(status, fields, body), delay: delay)], path: path, body: request)
    }

    @Test(
        "Errors don't contain the token",
        arguments: [
            (401, json, #"{"error":{"message":"Bad key: Bearer sk-upstream\/0123456789."}}"#),
            (422, json, #"{"detail":[{"input":{"authorization":"Bearer sk-upstream/0123456789"}}]}"#),
            (400, json, #"{"message":"\#(String(repeating: "x", count: 490)) sk-upstream/0123456789"}"#),
            (200, json, #"{"error":{"message":"sk-upstream\u002f0123456789","code":401}}"#),
            (200, json, #"{"error":"\#(String(repeating: "x", count: 1990))sk-upstream/0123456789"}"#),
            (200, events, "data: {\"error\":{\"message\":\"sk-upstream/0123456789\"}}\n\n"),
            (200, events, "event: error\ndata: {\"message\":\"sk-upstream/0123456789\"}\n\n"),
            (200, events, "event: error\ndata: <b>sk-upstream/0123456789</b>\n\n"),
            (200, events, "data: {\"error\":{\"message\":\"sk-upstream/0123456789\"}}"),
            (502, [.contentType: "text/html"], "<p>authorization: Bearer sk-upstream/0123456789</p>"),
        ] as [(Int, HTTPFields, String)])
    func redactsErrors(status: Int, fields: HTTPFields, body: String) throws {
        let heard = try heard(status, fields, body)
        #expect(!heard.body.contains("sk-ups") && !heard.body.contains("012345"))
        #expect(heard.body.contains("error"))
    }

    @Test("An error in an early response doesn't contain it")
    func redactsEarlyAnswers() throws {
        let heard = try heard(
            401, Self.json, #"{"error":{"message":"Bad key \#(Self.token)"}}"#,
            request: #"{"model":"gpt","stream":true}"#, delay: 20_000)
        #expect(heard.body == ": keepalive\ndata: {\"error\":{\"message\":\"Bad key [redacted]\"}}\n\n")
    }

    @Test("A failed response and the rest of a stream don't contain it")
    func redactsFailedResponses() throws {
        let event = "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"\(Self.token)\"}}}\n\n"
        let failed = try heard(200, Self.events, event, path: "/a/v1/responses")
        #expect(failed.body == event.replacing(Self.token, with: "[redacted]"))
        let half = "data: {\"error\":{\"message\":\"\(Self.token)"
        #expect(try !heard(200, Self.events, half) { $0.expectsDone = false }.body.contains(Self.token))
    }

    @Test("Header fields don't contain it, in successes and errors", arguments: [200, 400])
    func redactsFields(status: Int) throws {
        var fields = Self.json
        fields[.known("x-request-id")] = "req-\(Self.token)"
        fields.append(HTTPField(name: .known("openai-debug"), value: "one"))
        fields.append(HTTPField(name: .known("openai-debug"), value: "Bearer sk-upstream%2F0123456789"))
        let heard = try heard(status, fields, "{}")
        #expect(heard.fields["x-request-id"] == "req-[redacted]")
        #expect(heard.fields["openai-debug"] == "one, Bearer [redacted]")
    }

    @Test("A reverse proxy's errors and redirects don't contain it")
    func redactsPages() throws {
        let location: HTTPFields = [.location: "/login?token=sk-upstream%2F0123456789", .contentType: "text/plain"]
        let redirect = try heard(302, location, Self.token, path: "/a/x") { $0.isReverseProxy = true }
        #expect(redirect.fields["location"] == "/login?token=[redacted]")
        for fields in [location, Self.events] {
            let error = try heard(404, fields, "data: \(Self.token)\n\n", path: "/a/x") { $0.isReverseProxy = true }
            #expect(error.body == "data: [redacted]\n\n")
        }
    }

    @Test("The error about an encoding doesn't contain it")
    func redactsEncodings() throws {
        let heard = try heard(200, [.contentEncoding: "gzip, \(Self.token)"], "x")
        #expect(heard.body.contains("upstream_encoded") && !heard.body.contains("sk-ups"))
    }

    @Test(
        "An event that may contain an error, in any format, doesn't contain it",
        arguments: [
            #"data: {"\u0065rror":"sk-upstream/0123456789"}"#,
            #"data: {"choices":[{"error":"sk-upstream/0123456789"}]}"#,
            #"data: {"id":"1","errors":["sk-upstream/0123456789"]}"#, #"data: {"detail":"sk-upstream/0123456789"}"#,
            #"data: {"object":"error","detail":"sk-upstream/0123456789"}"#,
            #"data: [{"error":"sk-upstream/0123456789"}]"#,
            #"data: {"id":"1","choices":[],"error":{"message":"sk-upstream/0123456789"}}"#,
            "data: Bad key sk-upstream/0123456789", "event: Error\ndata: {\"message\":\"sk-upstream/0123456789\"}",
            #"{"error":{"message":"sk-upstream/0123456789"}}"#, ": sk-upstream/0123456789",
            #"data: {"type":"response.failed","response":{"error":{"message":"sk-upstream/0123456789"}}}"#,
            #"data: {"type":"response.incomplete","response":{"id":"sk-upstream/0123456789"}}"#,
        ])
    func redactsEvents(event: String) throws {
        for path in ["/a/v1/chat/completions", "/a/v1/responses"] {
            for end in ["", "\n\n", "\n\ndata: [DONE]\n\n"] {
                let heard = try heard(200, Self.events, event + end, path: path) { $0.expectsDone = false }
                // An incomplete comment is left out.
                let isLeftOut = end.isEmpty && event.hasPrefix(":")
                #expect(heard.body.contains("[redacted]") != isLeftOut && !heard.body.contains("sk-ups"))
            }
        }
    }

    @Test(
        "A reverse proxy's successful responses don't contain it either",
        arguments: [
            (events, "event: error\ndata: Bad key sk-upstream/0123456789\n\n"),
            (events, "data: {\"id\":\"sk-upstream/0123456789\"}\n\n"),
            (json, #"{"error":{"message":"sk-upstream\/0123456789"}}"#), ([:], "sk-upstream/0123456789"),
            ([.contentType: "text/html"], "<p>sk-upstream/0123456789"),
            ([.contentType: "image/svg+xml"], "<p>sk-upstream/0123456789"),
        ] as [(HTTPFields, String)])
    func redactsProxied(fields: HTTPFields, body: String) throws {
        let heard = try heard(200, fields, body, path: "/a/x") { $0.isReverseProxy = true }
        let written = body.contains(#"\/"#) ? #"sk-upstream\/0123456789"# : Self.token
        #expect(heard.body == body.replacing(written, with: "[redacted]"))
    }

    @Test("Images and encoded bodies can't be searched, and pass")
    func leavesBinary() throws {
        for fields: HTTPFields in [[.contentType: "image/png"], [.contentType: "text/html", .contentEncoding: "br"]] {
            let heard = try heard(200, fields, Self.token, path: "/a/x") { $0.isReverseProxy = true }
            #expect(heard.body == Self.token)
        }
    }

    @Test("A header field whose name contains it is dropped")
    func dropsNames() throws {
        let server: (inout Server) -> Void = { $0.token = Secret("SK-Upstream-0123456789") }
        var fields = Self.json
        fields[.known("openai-SK-Upstream-0123456789")] = "1"
        fields[.known("x-ratelimit-sk-upstream-0123")] = "2"
        fields[.known("openai-model")] = "3"
        let heard = try heard(200, fields, "{}", server)
        #expect(heard.fields["openai-model"] == "3" && !heard.fields.keys.contains { $0.contains("upstream") })
    }

    @Test("Plain responses and the record don't contain it; what a model writes in a stream passes unchanged")
    func leavesAnswers() throws {
        let body = #"{"model":"\#(Self.token)","choices":[]}"#
        let plain = try heard(200, Self.json, body)
        #expect(plain.body == #"{"model":"[redacted]","choices":[]}"#)
        #expect(plain.records.allSatisfy { !$0.contains(Self.token) })
        #expect(plain.records.contains { $0.contains(#""gen_ai.response.model":"[redacted]""#) })
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"\(Self.token)\"}}]}\n\ndata: [DONE]\n\n"
        #expect(try heard(200, Self.events, stream).body == stream)
    }
}
