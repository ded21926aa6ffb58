import Testing
import Transport

@testable import Proxy

/// The usage in streams, as providers write them.
@Suite struct StreamUsageTests {
    private func usage(_ input: Int, _ output: Int, cached: Int = 0) -> TokenUsage {
        TokenUsage(input: input, output: output, cachedInput: cached, isEstimate: false)
    }

    private func check(
        _ text: String, _ usage: TokenUsage?, model: String?, _ end: StreamEnd = .done,
        _ change: (inout Server) -> Void = { _ in }
    ) {
        for stream in FilteredStream.inAllPieces(text, route: Samples.route(streamEnd: end, change)) {
            #expect(stream.usage == usage && stream.model == model)
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test("OpenAI: null in all chunks, then a chunk of its own; what follows the end doesn't count")
    func openAI() {
        let stream = #"""
            data: {"id":"c","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":"a"}}],"usage":null}

            data: {"id":"c","model":"other","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

            data: {"id":"c","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":9,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":2}}}

            data: [DONE]


            """#
        check(stream, usage(8, 9, cached: 2), model: "gpt-4o-2024-08-06")
        let late = stream + #"data: {"usage":{"prompt_tokens":1}}"# + "\n\n"
        for part in FilteredStream.inAllPieces(late, route: Samples.route()) {
            #expect(part.usage == usage(8, 9, cached: 2) && part.text == stream)
        }
    }

    @Test("Azure: a first chunk of filter results, with an empty model")
    func azure() {
        let stream = #"""
            data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}

            data: {"choices":[{"delta":{"content":"a"}}],"model":"gpt-4o-mini","usage":null}

            data: {"choices":[],"model":"gpt-4o-mini","usage":{"completion_tokens":3,"prompt_tokens":4,"total_tokens":7}}

            data: [DONE]


            """#
        check(stream, usage(4, 3), model: "gpt-4o-mini")
    }

    @Test("Groq: inside an object of its own")
    func groq() {
        let stream = #"""
            data: {"model":"llama-3.1-8b","choices":[{"delta":{"content":"a"}}],"x_groq":{"id":"req_1"}}

            data: {"model":"llama-3.1-8b","choices":[{"delta":{}}],"x_groq":{"id":"req_1","usage":{"queue_time":0.01,"prompt_tokens":15,"prompt_time":0.003,"completion_tokens":6,"total_tokens":21}}}

            data: [DONE]


            """#
        check(stream, usage(15, 6), model: "llama-3.1-8b")
    }

    @Test("vLLM: in every chunk; the last one counts, unless it is cut off")
    func vLLM() {
        let chunks = (1...20).map { count in
            let usage = #"{"prompt_tokens":5,"total_tokens":\#(5 + count),"completion_tokens":\#(count)}"#
            return #"data: {"model":"q","choices":[{"delta":{"content":"a"}}],"usage":\#(usage)}"# + "\r\n\r\n"
        }
        check(chunks.joined() + "data: [DONE]\r\n\r\n", usage(5, 20), model: "q")
        let cut = chunks.joined() + #"data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tok"#
        let route = Samples.route { $0.expectsDone = false }
        for error in [nil, TransportError(.reset, "reset")] {
            for stream in FilteredStream.inAllPieces(cut, error: error, route: route) {
                #expect(stream.usage == usage(5, 20))
            }
        }
    }

    @Test("Mistral: in the last chunk with part of the answer, with or without spaces", arguments: [":{", " : { "])
    func mistral(brace: String) {
        let stream = #"""
            data: {"model":"mistral-small","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

            data: {"model":"mistral-small","choices":[{"index":0,"delta":{"content":"a"}}],"usage"\#(brace)"prompt_tokens":7,"total_tokens":9,"completion_tokens":2}}

            data: [DONE]


            """#
        check(stream, usage(7, 2), model: "mistral-small")
    }

    @Test("Gemini: in every chunk, complete in the last; without an end mark")
    func gemini() {
        let stream = #"""
            data: {"choices":[{"delta":{"content":"a"}}],"model":"gemini-2.0-flash","usage":{"completion_tokens":0,"prompt_tokens":7,"total_tokens":7}}

            data: {"choices":[{"delta":{"content":"b"}}],"model":"gemini-2.0-flash","usage":{"completion_tokens":8,"prompt_tokens":7,"total_tokens":15}}


            """#
        check(stream, usage(7, 8), model: "gemini-2.0-flash") { $0.expectsDone = false }
    }

    @Test("Moonshot: in the last choice, with or without the requested usage after it", arguments: [true, false])
    func moonshot(isAsked: Bool) {
        let counts = #"{"prompt_tokens":19,"completion_tokens":13,"total_tokens":32,"cached_tokens":19}"#
        let asked = #"data: {"model":"kimi-k2","choices":[],"usage":\#(counts)}"# + "\n\n"
        let stream = #"""
            data: {"model":"kimi-k2","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}

            data: {"model":"kimi-k2","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":\#(counts)}]}

            \#(isAsked ? asked : "")data: [DONE]


            """#
        check(stream, usage(19, 13, cached: 19), model: "kimi-k2")
    }

    @Test("Python servers: numbers that JSON doesn't have, anywhere in the event")
    func python() {
        let stream = #"""
            data: {"model":"m","choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"logprob":-Infinity}]}}],"usage":null}

            data: {"model":"m","choices":[{"delta":{},"logprobs":{"content":[{"logprob":NaN}]}}],"usage":{"prompt_tokens":8,"cost":NaN,"completion_tokens":9}}

            data: [DONE]


            """#
        check(stream, usage(8, 9), model: "m")
    }

    @Test(
        "Later events don't erase what was counted",
        arguments: [
            #"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#, "{}", "null", #"{"prompt_tokens":8}"#,
            #"{"completion_tokens":9}"#, #"{"prompt_tokens":"8"}"#, #"{"queue_time":0.2}"#,
        ])
    func keeps(later: String) {
        let stream = #"""
            data: {"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":9,"cached_tokens":2}}

            data: {"choices":[],"usage":\#(later)}

            data: [DONE]


            """#
        check(stream, usage(8, 9, cached: 2), model: nil)
    }

    @Test("Ollama and llama.cpp: a last chunk, with or without timings")
    func local() {
        for more in ["", #","timings":{"prompt_n":1,"predicted_per_second":81.2}"#] {
            let stream = #"""
                data: {"choices":[{"delta":{"content":"a"}}],"model":"qwen2.5:0.5b","system_fingerprint":"fp"}

                data: {"choices":[],"model":"qwen2.5:0.5b","usage":{"completion_tokens":31,"prompt_tokens":2,"total_tokens":33}\#(more)}

                data: [DONE]


                """#
            check(stream, usage(2, 31), model: "qwen2.5:0.5b")
        }
    }

    @Test("The Responses API: in the event with the final state, whatever the tools' parameters are named")
    func responses() {
        let tools = #"[{"type":"function","parameters":{"properties":{"usage":{"type":"string"}}}}]"#
        let stream = #"""
            event: response.created
            data: {"type":"response.created","response":{"model":"gpt-4.1","tools":\#(tools),"usage":null}}

            event: response.output_text.delta
            data: {"type":"response.output_text.delta","delta":"a"}

            event: response.completed
            data: {"type":"response.completed","response":{"model":"gpt-4.1","tools":\#(tools),"usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":5},"output_tokens":11}}}


            """#
        check(stream, usage(37, 11, cached: 5), model: "gpt-4.1", .response)
    }

    @Test("A response that only mentions usage has none")
    func quoted() {
        let stream = #"""
            data: {"model":"m","choices":[{"delta":{"content":"\"usage\":{\"prompt_tokens\":1}"}}]}

            data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"usage\": {\"prompt_tokens\":1}}"}}]}}]}

            data: {"choices":[{"delta":{"content":"usage"}}],"usage":null}

            data: [DONE]


            """#
        check(stream, nil, model: "m")
        for stream in FilteredStream.inAllPieces(stream, route: Samples.route()) {
            #expect(stream.estimate == TokenUsage(input: 100, output: 3, cachedInput: 0, isEstimate: true))
        }
    }

    @Test("An impossible number of tokens makes all of it an estimate", arguments: ["-1", "1e99", "\"5\"", "1e400"])
    func hostile(number: String) {
        check(#"data: {"usage":{"prompt_tokens":\#(number)}}"# + "\n\ndata: [DONE]\n\n", nil, model: nil)
    }

    @Test("An object of more than 4 KB isn't a usage")
    func bounds() {
        for (length, isRead) in [(4000, true), (4100, false)] {
            let filler = String(repeating: "x", count: length)
            let text = #"data: {"usage":{"prompt_tokens":1,"x":"\#(filler)"}}"# + "\n\ndata: [DONE]\n\n"
            let stream = FilteredStream([Array(text.utf8)], route: Samples.route())
            #expect(stream.usage == (isRead ? usage(1, 0) : nil))
        }
    }
}
