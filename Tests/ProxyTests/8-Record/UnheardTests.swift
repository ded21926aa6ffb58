import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// What is charged for a response that isn't delivered: a provider that has read a request bills it.
@Suite struct UnheardTests {
    private typealias Step = ScriptedTransport.Step

    private static let body =
        #"{"model":"gpt","stream":true,"messages":[{"content":"\#(String(repeating: "w", count: 400))"}]}"#
    private static let stream: HTTPFields = [.contentType: "text/event-stream"]
    private static let events = "data: {\"choices\":[{}]}\n\ndata: [DONE]\n\n"
    private static let input = #""gen_ai.usage.input_tokens":\#(body.utf8.count / 4)"#

    /// The record of a request, which is the only one.
    private func record(
        _ steps: [Step], runtimeStatus: Int = 410, body: String = body, servers: [Server]? = nil,
        commitsEarly: Bool = true
    ) throws -> (text: String, calls: Int) {
        let one = Samples.server("a") { ($0.commitsEarly, $0.expectsDone) = (commitsEarly, false) }
        let heard = try Heard.of(servers ?? [one], steps, body: body, runtimeStatus: runtimeStatus)
        return (try #require(heard.records.first), heard.calls.count)
    }

    @Test("An early response that isn't delivered ends the request, which is charged")
    func chargesEarly() throws {
        for step in [Step(outcome: .silence), Step(outcome: .answer(200, Self.stream, Self.events), delay: 40_000)] {
            let (text, calls) = try record([step])
            #expect(text.contains(#""error.type":"proxy_undelivered""#) && text.contains("answered 410: no"))
            #expect(text.contains(Self.input) && text.contains(#""gen_ai.usage.output_tokens":0"#))
            #expect(text.contains(#""estimated":true"#) && text.contains(#""attempts":1"#) && calls == 1)
        }
    }

    @Test("A request that was never sent is free")
    func leavesUnsent() throws {
        // The caller has disconnected before the next attempt.
        let (text, calls) = try record([Step(outcome: .error(.refused), delay: 14_900), Step(outcome: .silence)])
        #expect(text.contains(#""error.type":"proxy_undelivered""#) && text.contains(#""attempts":1"#) && calls == 1)
        #expect(!text.contains("gen_ai.usage") && !text.contains("estimated"))
    }

    @Test("A response that isn't delivered is charged as far as it has arrived", arguments: [true, false])
    func chargesAnswered(isStream: Bool) throws {
        let json = Step(outcome: .answer(200, [.contentType: "application/json"], #"{"usage":{"prompt_tokens":7}}"#))
        let (text, _) = try record([isStream ? Step(outcome: .answer(200, Self.stream, Self.events)) : json])
        #expect(text.contains(#""error.type":"proxy_undelivered""#))
        #expect(text.contains(isStream ? Self.input : #""gen_ai.usage.input_tokens":7"#))
        #expect(text.contains(#""gen_ai.usage.output_tokens":\#(isStream ? 1 : 0)"#))
    }

    @Test("A response without any output is charged only if it wasn't delivered", arguments: [202, 410])
    func chargesHeads(runtimeStatus: Int) throws {
        let (text, _) = try record(
            [Step(outcome: .answer(200, Self.stream, ": note\n\n"))], runtimeStatus: runtimeStatus)
        #expect(text.contains(Self.input) == (runtimeStatus == 410))
        #expect(text.contains(#""error.type":"upstream_empty""#))
    }

    @Test("An upstream's own error stays the reported cause, and is free", arguments: [true, false])
    func leavesErrors(isEarly: Bool) throws {
        let step = Step(outcome: .answer(400), delay: isEarly ? 14_900 : 0)
        let (text, _) = try record([step])
        #expect(text.contains(#""error.type":"caller_400""#) && !text.contains("gen_ai.usage"))
    }

    @Test("A server that was too slow is charged at its own price, even if the next one couldn't be reached")
    func chargesTheSlow() throws {
        let servers = [
            Samples.server("a") {
                ($0.fallbacks, $0.retries) = (["b"], 0)
                $0.prices.standard = Price(input: 2, output: 0)
            },
            Samples.server("b") { ($0.retries, $0.prices.standard) = (0, Price(input: 1000, output: 0)) },
        ]
        let down = Step(outcome: .error(.refused))
        let body = #"{"model":"gpt"}"#
        let steps = [Step(outcome: .error(.firstByteTimeout)), down, down]
        let (text, _) = try record(steps, runtimeStatus: 202, body: body, servers: servers)
        #expect(text.contains(#""server":"b""#) && text.contains(#""error.type":"upstream_refused""#))
        #expect(text.contains(#""cost":\#(Double(body.utf8.count / 4 * 2))"#))
        let (free, _) = try record([down, down, down, down], runtimeStatus: 202, body: body, servers: servers)
        #expect(!free.contains("cost"))
    }

    @Test(
        "A stream that ends before its first output is charged if only the wait for it has ended",
        arguments: [
            ("upstream_timeout", true), ("upstream_deadline_exceeded", true), ("proxy_shutting_down", true),
            ("upstream_disconnected", false), ("upstream_reported_error", false), ("upstream_truncated", false),
        ])
    func chargesWaiting(type: String, isCharged: Bool) throws {
        let invocation = try #require(Invocation(fields: [.known("Lambda-Runtime-Aws-Request-Id"): "1"], payload: []))
        let record = RequestRecord(invocation, at: 0)
        record.note(HTTPEvent(method: .post, path: "/"))
        record.note(Samples.route(), Samples.meter())
        record.asks(UpstreamServer(Samples.server("a")), for: "m")
        record.note(.success(.stream(Prelude(.ok, fields: [:]), BodyPipe())))
        record.note(.partial(type: type, reason: "", trailers: [:]))
        #expect(record.failure?.type == type && (record.unheard != nil) == isCharged)
    }
}
