import Dialects
import JSONBytes
import Testing
import Transport

@Suite("Streams of Converse")
struct ConverseStreamFilterTests {
    /// How a stream came out.
    private struct Result: Equatable {
        /// The data of the events.
        var events: [String] = []
        /// The kind of the error, or `complete`.
        var end = ""
        /// Whether it ended before its last byte.
        var isEarly = false
    }

    private static func run(_ pieces: [[UInt8]], _ context: ChatContext, _ error: TransportError? = nil) -> Result {
        var filter = ConverseStreamFilter(context)
        var output: [UInt8] = []
        var end: BodyPipe.End?
        for piece in pieces where end == nil { end = piece.withUnsafeBytes { filter.receive($0, into: &output) } }
        var result = Result(isEarly: end != nil)
        switch end ?? filter.end(error, into: &output) {
        case .complete: result.end = "complete"
        case .failed(let error): result.end = "\(error.kind)"
        case .partial: result.end = "partial"
        }
        result.events = String(decoding: output, as: UTF8.self).split(separator: "\n\n").map(String.init)
        #expect(output.isEmpty || output.suffix(2) == [10, 10])
        return result
    }

    private static let context = ChatContext(id: "chatcmpl-1", created: 1_700_000_000, model: "nova \"lite\"")
    private static let head =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"nova \"lite\"","#

    /// Cuts the stream in several ways, which must not make a difference.
    private static func run(
        _ frames: [EventFrame], _ context: ChatContext = context, _ error: TransportError? = nil
    ) -> Result {
        let ways = waysToCut(frames.flatMap(\.bytes)).map { run($0, context, error) }
        for way in ways { #expect(way == ways[0]) }
        return ways[0]
    }

    /// The deltas and what else differs between chunks.
    private static func chunks(_ frames: [EventFrame], _ context: ChatContext = context) -> [String] {
        let result = run(frames, context)
        #expect(result.end == "complete")
        return result.events.map { event in
            guard event.hasPrefix(head) else { return event }
            var chunk = event.dropFirst(head.count)
            let (start, end) = (#""choices":[{"index":0,"delta":"#, #","finish_reason":null}]}"#)
            if chunk.hasPrefix(start), chunk.hasSuffix(end) { chunk = chunk.dropFirst(start.count).dropLast(end.count) }
            return String(chunk)
        }
    }

    private static let start = EventFrame.event("messageStart", #"{"role":"assistant","p":"abc"}"#)
    private static let role = #"{"role":"assistant","content":""}"#

    private static func delta(_ index: Int, _ delta: String) -> EventFrame {
        .event("contentBlockDelta", #"{"contentBlockIndex":\#(index),"delta":\#(delta),"p":"abcdefgh"}"#)
    }

    private static func tool(_ index: Int, _ tool: String) -> EventFrame {
        .event("contentBlockStart", #"{"contentBlockIndex":\#(index),"start":{"toolUse":\#(tool)},"p":"ab"}"#)
    }

    private static func stop(_ index: Int) -> EventFrame {
        .event("contentBlockStop", #"{"contentBlockIndex":\#(index),"p":"abcd"}"#)
    }

    private static func end(_ reason: String) -> [EventFrame] {
        [.event("messageStop", #"{"p":"abcde","stopReason":"\#(reason)"}"#), metadata()]
    }

    private static func metadata(_ usage: String = #"{"inputTokens":18,"outputTokens":7,"totalTokens":25}"#)
        -> EventFrame
    {
        .event("metadata", #"{"metrics":{"latencyMs":12},"p":"a","usage":\#(usage)}"#)
    }

    private static func finish(_ reason: String) -> [String] {
        [#""choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}]}"#, "data: [DONE]"]
    }

    // MARK: - Content

    @Test("Text becomes content, as it is escaped")
    func translatesText() {
        let frames =
            [
                Self.start, Self.delta(0, #"{"text":""}"#), Self.delta(0, #"{"text":"Hi \"\u00e9é\n\ud83d"}"#),
                Self.delta(0, #"{"text":"\ude00"}"#), Self.delta(0, #"{"text":null}"#), Self.stop(0),
            ] + Self.end("end_turn")
        let expected = [Self.role, #"{"content":"Hi \"\u00e9é\n\ud83d"}"#, #"{"content":"\ude00"}"#]
        #expect(Self.chunks(frames) == expected + Self.finish("stop"))
    }

    @Test("Reasoning is shown as text, and as blocks that can be sent back")
    func translatesReasoning() {
        let frames =
            [
                Self.start, Self.delta(0, #"{"reasoningContent":{"text":"Let"}}"#),
                Self.delta(0, #"{"reasoningContent":{"text":" me"}}"#),
                Self.delta(0, #"{"reasoningContent":{"text":""}}"#),
                Self.delta(0, #"{"reasoningContent":{"signature":"c2ln"}}"#), Self.stop(0),
                Self.delta(1, #"{"reasoningContent":{"redactedContent":"cmVk"}}"#), Self.stop(1),
                Self.delta(2, #"{"text":"Yes"}"#), Self.stop(2),
            ] + Self.end("end_turn")
        let expected = [
            Self.role,
            #"{"reasoning_content":"Let","thinking_blocks":[{"index":0,"type":"thinking","thinking":"Let"}]}"#,
            #"{"reasoning_content":" me","thinking_blocks":[{"index":0,"type":"thinking","thinking":" me"}]}"#,
            #"{"thinking_blocks":[{"index":0,"type":"thinking","signature":"c2ln"}]}"#,
            #"{"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"cmVk"}]}"#, #"{"content":"Yes"}"#,
        ]
        #expect(Self.chunks(frames) == expected + Self.finish("stop"))
    }

    @Test("Tool calls are counted from 0, wherever their blocks are")
    func translatesTools() {
        let frames =
            [
                Self.start, Self.tool(0, #"{"name":"weather","toolUseId":"t-1"}"#),
                Self.delta(0, #"{"toolUse":{"input":""}}"#), Self.delta(0, #"{"toolUse":{"input":"{\"city\": "}}"#),
                Self.delta(0, #"{"toolUse":{"input":"\"K\u00f6ln\"}"}}"#), Self.stop(0),
                Self.tool(1, #"{"name":"now","toolUseId":"t-2","type":"tool_use"}"#),
                Self.delta(1, #"{"toolUse":{"input":""}}"#), Self.stop(1),
            ] + Self.end("tool_use")
        let expected = [
            Self.role,
            #"{"tool_calls":[{"index":0,"id":"t-1","type":"function","function":{"name":"weather","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\": "}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"\"K\u00f6ln\"}"}}]}"#,
            #"{"tool_calls":[{"index":1,"id":"t-2","type":"function","function":{"name":"now","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"#,
        ]
        #expect(Self.chunks(frames) == expected + Self.finish("tool_calls"))
    }

    @Test("Tools that the server runs are not shown")
    func hidesServerTools() {
        let result =
            #"{"contentBlockIndex":1,"start":{"toolResult":{"toolUseId":"s","type":"search","status":"success"}}}"#
        let frames =
            [
                Self.start, Self.tool(0, #"{"toolUseId":"s","name":"search","type":"server_tool_use"}"#),
                Self.delta(0, #"{"toolUse":{"input":"{}"}}"#), Self.stop(0),
                .event("contentBlockStart", result), Self.delta(1, #"{"toolResult":[{"text":"secret"}]}"#),
                Self.stop(1),
                Self.delta(2, #"{"text":"Done"}"#), Self.delta(2, #"{"citation":{"title":"x"}}"#), Self.stop(2),
                Self.tool(3, #"{"name":"now","toolUseId":"t","type":"tool_use"}"#), Self.stop(3),
            ] + Self.end("tool_use")
        let expected = [
            Self.role, #"{"content":"Done"}"#,
            #"{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"now","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
        ]
        #expect(Self.chunks(frames) == expected + Self.finish("tool_calls"))
    }

    @Test("The arguments of the schema's tool are the content")
    func showsSchemaTool() {
        var context = Self.context
        context.schemaTool = "answer"
        let call = [
            Self.start, Self.tool(0, #"{"name":"\u0061nswer","toolUseId":"t-1"}"#),
            Self.delta(0, #"{"toolUse":{"input":"{\"a\":"}}"#), Self.delta(0, #"{"toolUse":{"input":"1}"}}"#),
            Self.stop(0),
        ]
        let content = [Self.role, #"{"content":"{\"a\":"}"#, #"{"content":"1}"}"#]
        #expect(Self.chunks(call + Self.end("tool_use"), context) == content + Self.finish("stop"))
        let again = [
            Self.tool(1, #"{"name":"answer","toolUseId":"t-2"}"#), Self.delta(1, #"{"toolUse":{"input":"{}"}}"#),
            Self.stop(1), Self.tool(2, #"{"name":"now","toolUseId":"t-3"}"#),
            Self.delta(2, #"{"toolUse":{"input":"{}"}}"#),
        ]
        let other = [
            #"{"tool_calls":[{"index":0,"id":"t-3","type":"function","function":{"name":"now","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
        ]
        #expect(
            Self.chunks(call + again + Self.end("tool_use"), context) == content + other + Self.finish("tool_calls"))
        let empty = [Self.start, call[1], Self.stop(0)] + Self.end("tool_use")
        #expect(Self.chunks(empty, context) == [Self.role, #"{"content":"{}"}"#] + Self.finish("stop"))
    }

    @Test("Unknown events, blocks and members are ignored")
    func ignoresUnknown() {
        let frames =
            [
                .event("initial-response", "{}"), Self.start, .event("news", "not JSON"),
                .event("contentBlockStart", #"{"contentBlockIndex":0,"start":{"image":{"format":"png"}}}"#),
                Self.delta(0, #"{"image":{"source":{"bytes":"aGk="}}}"#), Self.stop(0),
                .event("contentBlockStart", #"{"contentBlockIndex":1,"start":{}}"#),
                Self.delta(1, #"{"text":"a","x":{}}"#),
                Self.delta(1, "null"),
            ] + Self.end("end_turn")
        #expect(Self.chunks(frames) == [Self.role, #"{"content":"a"}"#] + Self.finish("stop"))
    }

    // MARK: - The end

    @Test(
        "The reason for the stop is OpenAI's",
        arguments: [
            ("end_turn", "stop"), ("stop_sequence", "stop"), ("tool_use", "stop"), ("max_tokens", "length"),
            ("model_context_window_exceeded", "length"), ("content_filtered", "content_filter"),
            ("guardrail_intervened", "content_filter"), ("refusal", "content_filter"),
            ("malformed_model_output", "stop"), ("malformed_tool_use", "stop"), ("new", "stop"),
        ])
    func translatesReason(reason: String, expected: String) {
        #expect(Self.chunks([Self.start] + Self.end(reason)) == [Self.role] + Self.finish(expected))
    }

    @Test(
        "Usage counts the cache's tokens as input",
        arguments: [
            (
                #"{"inputTokens":18,"outputTokens":397,"totalTokens":2419,"cacheWriteInputTokens":2004,"serverToolUsage":{}}"#,
                #"{"prompt_tokens":2022,"completion_tokens":397,"total_tokens":2419,"#
                    + #""prompt_tokens_details":{"cache_write_tokens":2004}}"#
            ),
            (
                #"{"outputTokens":5,"totalTokens":15,"inputTokens":10,"cacheReadInputTokens":8,"cacheWriteInputTokens":0}"#,
                #"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"#
                    + #""prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":0}}"#
            ),
            (
                #"{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":8}"#,
                #"{"prompt_tokens":18,"completion_tokens":5,"total_tokens":23,"prompt_tokens_details":{"cached_tokens":8}}"#
            ),
            (
                #"{"inputTokens":-1,"outputTokens":1e30,"totalTokens":3}"#,
                #"{"prompt_tokens":3,"completion_tokens":0,"total_tokens":3}"#
            ),
        ])
    func writesUsage(usage: String, expected: String) {
        var context = Self.context
        context.includesUsage = true
        let frames = [Self.start, Self.end("end_turn")[0], Self.metadata(usage)]
        let choices = #""choices":[{"index":0,"delta":"#
        #expect(
            Self.chunks(frames, context) == [
                choices + Self.role + #","finish_reason":null}],"usage":null}"#,
                choices + #"{},"finish_reason":"stop"}],"usage":null}"#, #""choices":[],"usage":\#(expected)}"#,
                "data: [DONE]",
            ])
        #expect(Self.chunks(frames) == [Self.role] + Self.finish("stop"))
    }

    @Test("A stream is complete behind its last event, with or without metadata")
    func endsComplete() {
        let frames = [Self.start] + Self.end("end_turn")
        #expect(Self.run(frames + [.exception("throttlingException", "{}")]).isEarly)
        let short = Self.run(Array(frames.dropLast()))
        #expect(short.events.last == "data: [DONE]" && short.end == "complete" && !short.isEarly)
        let swapped = Self.run([frames[0], frames[2], frames[1]])
        #expect(swapped.events.last == "data: [DONE]" && swapped.events.count == 3)
    }

    @Test("A stream that stops early has no mark of its end")
    func endsEarly() {
        let frames = [Self.start, Self.delta(0, #"{"text":"a"}"#)]
        let result = Self.run(frames)
        #expect(result.end == "complete" && result.events.count == 2 && !result.events.contains("data: [DONE]"))
        #expect(Self.run([]) == Result(end: "complete"))
        let broken = Self.run(frames, Self.context, TransportError(.reset, "reset"))
        #expect(broken.end == "reset" && broken.events == result.events)
        let half = Self.run([frames.flatMap(\.bytes).dropLast()].map(Array.init), Self.context)
        #expect(half.end == "malformed" && half.events.count == 1)
    }

    // MARK: - Errors

    @Test(
        "An exception becomes an error event, and nothing follows it",
        arguments: [
            (
                EventFrame.exception(
                    "throttlingException", #"{"message":"Too many tokens, please wait before trying again."}"#),
                #"{"message":"Too many tokens, please wait before trying again.","type":"rate_limit_error","param":null,"#
                    + #""code":"rate_limit_exceeded"}"#
            ),
            (
                .exception(
                    "modelStreamErrorException",
                    #"{"message":"Model \"x\" failed","originalStatusCode":500,"originalMessage":"prompt"}"#),
                #"{"message":"Model \"x\" failed","type":"server_error","param":null,"code":null}"#
            ),
            (
                .exception(
                    "validationException", #"{"message":"Too many requests, please wait before trying again."}"#),
                #"{"message":"Too many requests, please wait before trying again.","type":"rate_limit_error","param":null,"#
                    + #""code":"rate_limit_exceeded"}"#
            ),
            (
                .event("serviceUnavailableException", #"{"message":"Busy"}"#),
                #"{"message":"Busy","type":"server_error","param":null,"code":"overloaded"}"#
            ),
            (
                .error("InternalFailure", "An internal server error occurred"),
                #"{"message":"An internal server error occurred","type":"server_error","param":null,"code":null}"#
            ),
            (
                .exception("newException", "not JSON"),
                #"{"message":"The server reported an error (newException).","type":"server_error","param":null,"code":null}"#
            ),
        ])
    func translatesException(frame: EventFrame, expected: String) {
        let frames = [Self.start, frame, Self.delta(0, #"{"text":"a"}"#)] + Self.end("end_turn")
        let result = Self.run(frames)
        #expect(result.isEarly && result.end == "complete" && result.events.count == 2)
        #expect(result.events.last == #"data: {"error":\#(expected)}"#)
    }

    @Test(
        "What doesn't say what an event says breaks the stream",
        arguments: [
            EventFrame.event("messageStart", ""), .event("messageStart", "[]"), .event("messageStart", #"{"role":"#),
            .event("messageStart", "{} {}"),
            .event("contentBlockDelta", #"{"delta":{"text":1},"contentBlockIndex":0}"#),
            .event("contentBlockDelta", #"{"delta":{"toolUse":{"input":"{}"}}}"#),
            .event("contentBlockDelta", #"{"delta":{"toolUse":{"input":"{}"}},"contentBlockIndex":0}"#),
            .event("contentBlockDelta", #"{"delta":{"reasoningContent":{"text":"a"}}}"#),
            .event("contentBlockStart", #"{"start":{"toolUse":{"name":"a"}},"contentBlockIndex":0}"#),
            .event("contentBlockStart", #"{"start":{"toolUse":{"name":"a","toolUseId":"b"}}}"#),
            .event("contentBlockStop", "{}"), .event("messageStop", "{}"), .event("messageStop", #"{"stopReason":{}}"#),
            .event("contentBlockDelta", "{\"delta\":{\"text\":\"a\nb\"},\"contentBlockIndex\":0}"),
            EventFrame(
                [(":message-type", .text("event")), (":event-type", .text("messageStart"))], [0x22, 0xFF, 0x22]),
            EventFrame([(":message-type", .text("news"))]), EventFrame([(":event-type", .text("messageStart"))]),
            EventFrame([]),
        ])
    func refuses(frame: EventFrame) {
        let result = Self.run([Self.start, frame] + Self.end("end_turn"))
        #expect(result.end == "malformed" && result.isEarly && result.events.count == 1)
    }

    @Test("A stream that opens blocks without end is broken")
    func boundsBlocks() {
        let pieces = (0..<1025).map { Self.tool($0, #"{"name":"a","toolUseId":"b"}"#).bytes }
        #expect(Self.run(Array(pieces.dropLast()), Self.context).end == "complete")
        #expect(Self.run(pieces, Self.context).end == "malformed")
    }

    // MARK: - The beginning

    private func beginning(_ bytes: some Collection<UInt8>) -> ConverseStreamFilter.Beginning? {
        Array(bytes).withUnsafeBytes { ConverseStreamFilter.beginning(of: $0) }
    }

    @Test("The first message says whether a stream is an exception")
    func looksAtBeginning() {
        let exception = EventFrame.exception("throttlingException", #"{"message":"Slow down"}"#)
        for length in 0..<exception.bytes.count { #expect(beginning(exception.bytes.prefix(length)) == nil) }
        for rest in [[], Self.start.bytes, [1, 2, 3]] {
            guard case .failure(let failure) = beginning(exception.bytes + rest) else {
                Issue.record("the exception isn't recognized")
                continue
            }
            #expect(failure.status == 429 && failure.message == "Slow down")
            #expect(beginning(Self.start.bytes + rest) == .events)
        }
        #expect(beginning(Self.start.bytes + exception.bytes) == .events)
        #expect(beginning(EventFrame([]).bytes.dropLast()) == nil)
        let long = EventFrame.event("metadata", String(repeating: " ", count: 5000)).bytes
        #expect(
            beginning(long.prefix(11)) == nil && beginning(long.prefix(12)) == .events && beginning(long) == .events)
        for bytes in [Array(#"{"message":"Not Found"}"#.utf8), EventFrame([]).bytes] {
            guard case .malformed? = beginning(bytes) else {
                Issue.record("it looks like an event stream")
                continue
            }
        }
    }
}
