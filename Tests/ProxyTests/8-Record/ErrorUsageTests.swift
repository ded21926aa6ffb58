import HTTPTypes
import Testing
import Transport

@testable import Proxy

/// What is charged for an error with a usage: a provider that refuses what a model has written still bills it.
@Suite struct ErrorUsageTests {
    private typealias Step = ScriptedTransport.Step

    private static let usage = #""usage":{"prompt_tokens":500,"completion_tokens":50}"#

    private static func answer(_ status: Int, _ body: String, type: String = "application/json") -> Step {
        Step(outcome: .answer(status, [.contentType: type], body))
    }

    private static func server(_ name: String = "a", retries: Int = 0, price: Double = 0.001) -> Server {
        Samples.server(name) {
            $0.retries = retries
            $0.prices.standard = Price(input: price, output: price)
        }
    }

    /// The tokens and costs in the record: `500+50=0.55`; nil if it has none.
    private func used(_ steps: [Step], _ servers: [Server] = [server()], body: String = #"{"model":"gpt"}"#) throws
        -> String?
    {
        let heard = try Heard.of(servers, steps, body: body)
        let record = try #require(heard.records.first)
        func number(_ name: String) -> String? {
            record.split(separator: "\"\(name)\":").dropFirst().first.map { String($0.prefix { $0 != "," }) }
        }
        guard let input = number("gen_ai.usage.input_tokens"), let output = number("gen_ai.usage.output_tokens") else {
            return nil
        }
        return "\(input)+\(output)=\(number("cost") ?? "")" + (record.contains("estimated") ? "?" : "")
    }

    private static let errors: [Step] = {
        let error = #""error":{"message":"no tool","failed_generation":"<tool"}"#
        let bodies = [
            "{\(error),\(usage)}", "{\(usage),\(error)}", #"{"error":{"message":"no",\#(usage)}}"#,
            "[{\(error),\(usage)}]",
            #"{"error":{"message":"no","code":"404"},"x_groq":{\#(usage)}}"#, "\u{FEFF} {\(error),\(usage)}",
            #"{"detail":"no",\#(usage)}"#,
        ]
        let statuses = [400, 404, 408, 422, 424, 429, 500, 503]
        var steps = statuses.map { answer($0, bodies[0]) } + bodies.map { answer(400, $0) }
        steps.append(answer(400, "event: error\ndata: {\(error),\(usage)}\n\n", type: "text/event-stream"))
        // In a success, the error comes first.
        steps += [bodies[0], bodies[2], bodies[3]].map { answer(200, $0) }
        return steps
    }()

    @Test("The usage in an error is charged, whatever its status", arguments: errors.indices)
    func charges(index: Int) throws {
        #expect(try used([Self.errors[index]]) == "500+50=0.55")
    }

    private static let free: [Step] = [
        answer(400, #"{"error":{"message":"no"}}"#), answer(400, #"{"error":{"message":"no"},"usage":null}"#),
        answer(400, #"{"error":{"message":"a \"usage\":{\"prompt_tokens\":5}"}}"#), answer(400, "usage"),
        // A validator repeats what the caller has sent.
        answer(422, #"{"detail":[{"msg":"no","input":{"usage":{"prompt_tokens":500}}}]}"#),
        answer(400, "bad body: {\(usage)}", type: "text/plain"), answer(400, "[\"no\",{\(usage)}]"),
        answer(400, "\"{\"{\(usage)}"), answer(200, #"{"error":{"message":"no","code":404}}"#), answer(400, ""),
    ]

    @Test("An error without a usage of its own is free", arguments: free.indices)
    func leaves(index: Int) throws {
        #expect(try used([Self.free[index]]) == nil)
    }

    @Test("The usage in an error in a stream is charged")
    func chargesStreams() throws {
        let events = [
            #"data: {"error":{"message":"no"},\#(Self.usage)}"#, #"data: {"error":{"message":"no",\#(Self.usage)}}"#,
        ]
        for event in events {
            let step = Self.answer(200, "\(event)\n\n", type: "text/event-stream")
            #expect(try used([step], body: #"{"model":"gpt","stream":true}"#) == "500+50=0.55")
        }
    }

    @Test("A server's earlier errors are charged together with its response")
    func adds() throws {
        let failed = Self.answer(500, "{\(Self.usage)}")
        let plain = Self.answer(500, "{}")
        let refused = Self.answer(404, #"{"error":{"message":"no"}}"#)
        let done = Self.answer(200, #"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":1}}"#)
        let server = Self.server(retries: 2)
        #expect(try used([failed, done], [server]) == "600+51=0.651")
        #expect(try used([failed, failed, failed], [server]) == "1500+150=1.65")
        #expect(try used([failed, plain, refused], [server]) == "500+50=0.55")
        #expect(try used([failed, Step(outcome: .error(.refused)), refused], [server]) == "500+50=0.55")
        let stream = Self.answer(200, "data: {\"choices\":[{}]}\n\ndata: [DONE]\n\n", type: "text/event-stream")
        let asked = #"{"model":"gpt","stream":true}"#
        #expect(try used([failed, stream], [server], body: asked) == "\(500 + asked.utf8.count / 4)+51=0.558?")
    }

    @Test("A server's errors are charged at its own price, unless another server has answered")
    func chargesServer() throws {
        let servers = [Self.server(), Self.server("b", price: 1)]
        let first = Samples.server("a") {
            ($0.retries, $0.fallbacks, $0.prices) = (0, ["b"], servers[0].prices)
        }
        let failed = Self.answer(500, "{\(Self.usage)}")
        let down = Step(outcome: .error(.refused))
        #expect(try used([failed, down, down], [first, servers[1]]) == "500+50=0.55")
        let done = Self.answer(200, #"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#)
        #expect(try used([failed, done], [first, servers[1]]) == "1+1=2.0")
    }

    @Test("Tokens and costs of errors count against quotas")
    func limits() throws {
        for quota in [
            Quota(.tokens, each: .day, 550), Quota(.tokens, each: .minute, 550),
            Quota(.cost, each: .month, 550_000_000),
        ] {
            let loop = ManualLoop(now: 1_795_287_942_000)
            let store = MemoryStore { loop.now }
            let statuses = try (0..<2).map { _ in
                try Heard.of([Self.server()], [Self.errors[0]], on: loop, store: store) {
                    $0.virtualKeys[0].limits.quotaSet.quotas = [quota]
                }.status
            }
            #expect(statuses == ["400", "429"])
        }
    }
}
