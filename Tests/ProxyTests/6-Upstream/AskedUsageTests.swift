import HTTPTypes
import Testing

@testable import Proxy

/// Which upstream is asked for a stream's usage, and who sees it.
@Suite struct AskedUsageTests {
    private static let option = #""stream_options":{"include_usage":true}"#
    private static let content = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
    private static let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":8}}\n\n"
    private static let done = "data: [DONE]\n\n"
    private static let stream = ScriptedTransport.Step(
        outcome: .answer(200, [.contentType: "text/event-stream"], content + usage + done))

    private func servers(_ first: Bool, _ second: Bool) -> [Server] {
        [
            Samples.server("a") {
                ($0.asksForUsage, $0.fallbacks, $0.retries) = (first, ["b"], 0)
                $0.model = nil
            }, Samples.server("b") { ($0.asksForUsage, $0.model) = (second, nil) },
        ]
    }

    @Test(
        "Usage is requested if the table says so, and hidden if the caller hasn't asked for it",
        arguments: [true, false]
    )
    func asks(asks: Bool) throws {
        let heard = try Heard.of(servers(asks, !asks), [Self.stream], body: #"{"stream":true}"#)
        #expect(heard.calls.map(\.body) == [asks ? "{\(Self.option),\"stream\":true}" : #"{"stream":true}"#])
        #expect(heard.body == Self.content + (asks ? "" : Self.usage) + Self.done)
    }

    @Test("A caller who asks for the usage gets it")
    func leavesCallers() throws {
        let body = #"{"stream":true,"stream_options":{"include_usage":true}}"#
        let heard = try Heard.of(servers(true, true), [Self.stream], body: body)
        #expect(heard.calls.map(\.body) == [body])
        #expect(heard.body == Self.content + Self.usage + Self.done)
    }

    @Test("A fallback's own setting applies to it", arguments: [(true, false), (false, true), (true, true)])
    func decides(first: Bool, second: Bool) throws {
        let steps = [ScriptedTransport.Step(outcome: .answer(503)), Self.stream]
        let heard = try Heard.of(servers(first, second), steps, body: #"{"stream":true}"#)
        let asked = [first, second].map { $0 ? "{\(Self.option),\"stream\":true}" : #"{"stream":true}"# }
        #expect(heard.calls.map(\.body) == asked)
        #expect(heard.body == Self.content + (second ? "" : Self.usage) + Self.done)
    }

    @Test("An early response hides the usage too")
    func hidesEarly() throws {
        let slow = ScriptedTransport.Step(outcome: Self.stream.outcome, delay: 20_000)
        let heard = try Heard.of(servers(true, false), [slow], body: #"{"stream":true}"#)
        #expect(heard.body.hasSuffix("keepalive\n" + Self.content + Self.done))
    }
}
