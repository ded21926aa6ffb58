import HTTPTypes
import Testing
import Transport

@testable import Proxy

@Suite struct EarlyResponseTests {
    private typealias Step = ScriptedTransport.Step

    private static let wish = #"{"model":"gpt","stream":true}"#
    private static let refusal = #"{"error":{"message":"no"}}"#
    private static let events = "data: {}\n\ndata: [DONE]\n\n"
    private static let stream: HTTPFields = [.contentType: "text/event-stream"]

    private func heard(
        _ steps: [Step], body: String = wish, timeLeft: Int64? = nil, _ change: (inout Server) -> Void = { _ in }
    ) throws -> Heard {
        try Heard.of([Samples.server("a", change)], steps, body: body, timeLeft: timeLeft)
    }

    private static func answer(
        _ delay: Int, _ status: Int = 200, _ fields: HTTPFields = stream, _ body: String = events
    )
        -> Step
    {
        Step(outcome: .answer(status, fields, body), delay: delay)
    }

    @Test("A caller who wants a stream gets a comment every 15 s until the upstream answers")
    func speaksFirst() throws {
        let heard = try heard([Self.answer(40_000)])
        #expect(heard.status == "200")
        #expect(heard.fields["content-type"] == "text/event-stream; charset=utf-8")
        #expect(heard.fields["x-proxy-server"] == "a" && heard.fields["x-proxy-attempts"] == "1")
        #expect(heard.fields["x-request-id"] == "id-1")
        #expect(heard.body == ": keepalive\n: keepalive\n" + Self.events)
        #expect(heard.duration == 40_000)
    }

    @Test("If the upstream answers sooner, its own response passes, whatever it is")
    func waits() throws {
        #expect(try heard([Self.answer(14_000)]).body == Self.events)
        #expect(try heard([Self.answer(14_000, 400, [:], Self.refusal)]).status == "400")
    }

    @Test(
        "Without a request for a stream, or if the server forbids it, there is no early response",
        arguments: [
            (#"{"model":"gpt"}"#, true, 15_000), (#"{"stream":false}"#, true, 15_000),
            (#"{"stream":"true"}"#, true, 15_000),
            (wish, false, 15_000), (wish, true, nil),
        ] as [(String, Bool, Int?)])
    func staysSilent(body: String, commitsEarly: Bool, silence: Int?) throws {
        let heard = try heard([Self.answer(40_000, 418, [:], Self.refusal)], body: body) {
            $0.commitsEarly = commitsEarly
            $0.limits.silence = silence
        }
        #expect(heard.status == "418")
        #expect(heard.body == Self.refusal)
    }

    @Test("There is no early response on endpoints without streams in OpenAI's format")
    func staysSilentElsewhere() throws {
        for path in ["/a/v1/embeddings", "/a/v1/messages"] {
            let server = Samples.server("a") { $0.endpoints = [.init("messages")] }
            let heard = try Heard.of([server], [Self.answer(40_000, 418, [:], "{}")], path: path, body: Self.wish)
            #expect(heard.status == "418" && !heard.body.contains("keepalive"))
        }
    }

    @Test("A later failure is reported in one event, on one line")
    func tellsFailures() throws {
        let refused = try heard([Self.answer(20_000, 401, [:], "{\"error\":\n{\"message\":\"no\"}\r\n}")])
        #expect(refused.body == ": keepalive\ndata: {\"error\": {\"message\":\"no\"}  }\n\n")
        let broken = try heard([Step(outcome: .error(.tls), delay: 20_000)])
        #expect(broken.body.hasPrefix(": keepalive\ndata: {\"error\":{\"message\":\"The server 'a' has no valid TLS"))
        #expect(broken.body.hasSuffix("}\n\n"))
        let other = try heard([Self.answer(20_000, 200, [.contentType: "application/json"], "{}")])
        #expect(other.body.contains("\"upstream_not_streaming\""))
        let nothing = try heard([Self.answer(20_000, 200, [:], "<html>")]) { $0.retries = 0 }
        #expect(
            nothing.body.hasPrefix(
                ": keepalive\ndata: {\"error\":{\"message\":\"The server 'a' answered 200 with a web"))
    }

    @Test(
        "A refusal without an error message becomes an error that SDKs notice",
        arguments: [#"{"error": null, "detail": "boom"}"#, #"[{"error": {"message": "boom"}}]"#, "boom"])
    func putsIntoWords(body: String) throws {
        let heard = try heard([Self.answer(20_000, 401, [:], body)])
        let event = ": keepalive\ndata: {\"error\":{\"message\":\"The server 'a' answered 401: boom\""
        #expect(heard.body.hasPrefix(event))
    }

    @Test("Retries go on during an early response")
    func retries() throws {
        let heard = try heard([Step(outcome: .error(.reset), delay: 16_000), Self.answer(1000)])
        #expect(heard.calls.count == 2)
        #expect(heard.body == ": keepalive\n" + Self.events)
    }

    @Test("The end of the invocation is reported in time")
    func tellsDeadline() throws {
        let heard = try heard([Step(outcome: .silence)], timeLeft: 30_500)
        #expect(heard.body.hasPrefix(": keepalive\ndata: {") && heard.body.contains("\"deadline_exceeded\""))
        #expect(heard.duration == 29_500)
    }
}
