import Dialects
import Testing
import Transport

@Suite("The end of Converse's streams")
struct ConverseStreamEndTests {
    private typealias Stream = ConverseStream

    @Test(
        "The reason for the stop is OpenAI's",
        arguments: [
            ("end_turn", "stop"), ("stop_sequence", "stop"), ("tool_use", "stop"), ("max_tokens", "length"),
            ("model_context_window_exceeded", "length"), ("content_filtered", "content_filter"),
            ("guardrail_intervened", "content_filter"), ("refusal", "content_filter"),
            ("malformed_model_output", "stop"), ("malformed_tool_use", "stop"), ("new", "stop"),
        ])
    func translatesReason(reason: String, expected: String) {
        #expect(Stream.chunks([Stream.start] + Stream.end(reason)) == [Stream.role] + Stream.finish(expected))
    }

    @Test(
        "Usage counts the cache's tokens as input",
        arguments: [
            (
                #"""
                {"inputTokens":18,"outputTokens":397,"totalTokens":2419,"cacheWriteInputTokens":2004,\#
                "serverToolUsage":{}}
                """#,
                #"{"prompt_tokens":2022,"completion_tokens":397,"total_tokens":2419,"#
                    + #""prompt_tokens_details":{"cache_write_tokens":2004}}"#
            ),
            (
                #"""
                {"outputTokens":5,"totalTokens":15,"inputTokens":10,"cacheReadInputTokens":8,\#
                "cacheWriteInputTokens":0}
                """#,
                #"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"#
                    + #""prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":0}}"#
            ),
            (
                #"{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":8}"#,
                #"""
                {"prompt_tokens":18,"completion_tokens":5,"total_tokens":23,\#
                "prompt_tokens_details":{"cached_tokens":8}}
                """#
            ),
            (
                #"""
                {"inputTokens":-1,"outputTokens":5,"cacheReadInputTokens":1.5,"cacheWriteInputTokens":1e15,\#
                "totalTokens":null}
                """#,
                #"{"prompt_tokens":0,"completion_tokens":5,"total_tokens":5}"#
            ),
        ])
    func writesUsage(usage: String, expected: String) {
        var context = Stream.context
        context.includesUsage = true
        let frames = [Stream.start, Stream.end("end_turn")[0], Stream.metadata(usage)]
        let choices = #""choices":[{"index":0,"delta":"#
        #expect(
            Stream.chunks(frames, context) == [
                choices + Stream.role + #","finish_reason":null}],"usage":null}"#,
                choices + #"{},"finish_reason":"stop"}],"usage":null}"#, #""choices":[],"usage":\#(expected)}"#,
                "data: [DONE]",
            ])
        #expect(Stream.chunks(frames) == [Stream.role] + Stream.finish("stop"))
    }

    @Test("A stream is complete behind its last event, with or without metadata")
    func endsComplete() {
        let frames = [Stream.start] + Stream.end("end_turn")
        #expect(Stream.run(frames + [.exception("throttlingException", "{}")]).isEarly)
        let short = Stream.run(Array(frames.dropLast()))
        #expect(short.events.last == "data: [DONE]" && short.end == "complete" && !short.isEarly)
        let twice = Stream.run([frames[0], frames[1]] + frames.dropFirst())
        #expect(twice.events == Stream.run(frames).events)
        let swapped = Stream.run([frames[0], frames[2], frames[1]])
        #expect(swapped.events.last == "data: [DONE]" && swapped.events.count == 3)
    }

    @Test("A stream that stops early has no mark of its end")
    func endsEarly() {
        let frames = [Stream.start, Stream.delta(0, #"{"text":"a"}"#)]
        let result = Stream.run(frames)
        #expect(result.end == "complete" && result.events.count == 2 && !result.events.contains("data: [DONE]"))
        #expect(Stream.run([]) == Stream.Result(end: "complete"))
        let broken = Stream.run(frames, Stream.context, TransportError(.reset, "reset"))
        #expect(broken.end == "reset" && broken.events == result.events)
        let half = Stream.run([frames.flatMap(\.bytes).dropLast()].map(Array.init), Stream.context)
        #expect(half.end == "reset" && half.events.count == 1)
    }
}
