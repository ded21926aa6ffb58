import Dialects
import Testing

@Suite("The content of Converse's streams")
struct ConverseStreamContentTests {
    private typealias Stream = ConverseStream

    @Test("Text becomes content, with its escapes unchanged")
    func translatesText() {
        let frames =
            [
                Stream.start, Stream.delta(0, #"{"text":""}"#), Stream.delta(0, #"{"text":"Hi \"\u00e9é\n\ud83d"}"#),
                Stream.delta(0, #"{"text":"\ude00"}"#), Stream.delta(0, #"{"text":null}"#), Stream.stop(0),
            ] + Stream.end("end_turn")
        let expected = [Stream.role, #"{"content":"Hi \"\u00e9é\n\ud83d"}"#, #"{"content":"\ude00"}"#]
        #expect(Stream.chunks(frames) == expected + Stream.finish("stop"))
    }

    @Test("Reasoning is shown as text, and as blocks that can be sent back")
    func translatesReasoning() {
        let frames =
            [
                Stream.start, Stream.delta(0, #"{"reasoningContent":{"text":"Let"}}"#),
                Stream.delta(0, #"{"reasoningContent":{"text":" me"}}"#),
                Stream.delta(0, #"{"reasoningContent":{"text":""}}"#),
                Stream.delta(0, #"{"reasoningContent":{"signature":"c2ln"}}"#), Stream.stop(0),
                Stream.delta(1, #"{"reasoningContent":{"redactedContent":"cmVk"}}"#), Stream.stop(1),
                Stream.delta(2, #"{"text":"Yes"}"#), Stream.stop(2),
            ] + Stream.end("end_turn")
        let expected = [
            Stream.role,
            #"{"reasoning_content":"Let","thinking_blocks":[{"index":0,"type":"thinking","thinking":"Let"}]}"#,
            #"{"reasoning_content":" me","thinking_blocks":[{"index":0,"type":"thinking","thinking":" me"}]}"#,
            #"{"thinking_blocks":[{"index":0,"type":"thinking","signature":"c2ln"}]}"#,
            #"{"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"cmVk"}]}"#, #"{"content":"Yes"}"#,
        ]
        #expect(Stream.chunks(frames) == expected + Stream.finish("stop"))
    }

    @Test("Tool calls are counted from 0, wherever their blocks are")
    func translatesTools() {
        let frames =
            [
                Stream.start, Stream.tool(0, #"{"name":"weather","toolUseId":"t-1"}"#),
                Stream.delta(0, #"{"toolUse":{"input":""}}"#), Stream.delta(0, #"{"toolUse":{"input":"{\"city\": "}}"#),
                Stream.delta(0, #"{"toolUse":{"input":"\"K\u00f6ln\"}"}}"#), Stream.stop(0),
                Stream.tool(1, #"{"name":"now","toolUseId":"t-2","type":"tool_use"}"#),
                Stream.delta(1, #"{"toolUse":{"input":""}}"#), Stream.stop(1),
            ] + Stream.end("tool_use")
        let expected = [
            Stream.role,
            #"{"tool_calls":[{"index":0,"id":"t-1","type":"function","function":{"name":"weather","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\": "}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"\"K\u00f6ln\"}"}}]}"#,
            #"{"tool_calls":[{"index":1,"id":"t-2","type":"function","function":{"name":"now","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"#,
        ]
        #expect(Stream.chunks(frames) == expected + Stream.finish("tool_calls"))
    }

    @Test("Calls of tools that the provider runs are hidden")
    func hidesServerTools() {
        let result =
            #"{"contentBlockIndex":1,"start":{"toolResult":{"toolUseId":"s","type":"search","status":"success"}}}"#
        let frames =
            [
                Stream.start, Stream.tool(0, #"{"toolUseId":"s","name":"search","type":"server_tool_use"}"#),
                Stream.delta(0, #"{"toolUse":{"input":"{}"}}"#), Stream.stop(0),
                .event("contentBlockStart", result), Stream.delta(1, #"{"toolResult":[{"text":"secret"}]}"#),
                Stream.stop(1),
                Stream.delta(2, #"{"text":"Done"}"#), Stream.delta(2, #"{"citation":{"title":"x"}}"#), Stream.stop(2),
                Stream.tool(3, #"{"name":"now","toolUseId":"t","type":"tool_use"}"#), Stream.stop(3),
            ] + Stream.end("tool_use")
        let expected = [
            Stream.role, #"{"content":"Done"}"#,
            #"{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"now","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
        ]
        #expect(Stream.chunks(frames) == expected + Stream.finish("tool_calls"))
    }

    @Test("The arguments of the schema's tool are the content")
    func showsSchemaTool() {
        var context = Stream.context
        context.schemaTool = "answer"
        let call = [
            Stream.start, Stream.tool(0, #"{"name":"\u0061nswer","toolUseId":"t-1"}"#),
            Stream.delta(0, #"{"toolUse":{"input":"{\"a\":"}}"#), Stream.delta(0, #"{"toolUse":{"input":"1}"}}"#),
            Stream.stop(0),
        ]
        let content = [Stream.role, #"{"content":"{\"a\":"}"#, #"{"content":"1}"}"#]
        #expect(Stream.chunks(call + Stream.end("tool_use"), context) == content + Stream.finish("stop"))
        let again = [
            Stream.tool(1, #"{"name":"answer","toolUseId":"t-2"}"#), Stream.delta(1, #"{"toolUse":{"input":"{}"}}"#),
            Stream.stop(1), Stream.tool(2, #"{"name":"now","toolUseId":"t-3"}"#),
            Stream.delta(2, #"{"toolUse":{"input":"{}"}}"#),
        ]
        let other = [
            #"{"tool_calls":[{"index":0,"id":"t-3","type":"function","function":{"name":"now","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
        ]
        #expect(
            Stream.chunks(call + again + Stream.end("tool_use"), context) == content + other
                + Stream.finish("tool_calls"))
        let empty = [Stream.start, call[1], Stream.stop(0)] + Stream.end("tool_use")
        #expect(Stream.chunks(empty, context) == [Stream.role, #"{"content":"{}"}"#] + Stream.finish("stop"))
    }

    @Test("Unknown events, blocks and members are ignored")
    func ignoresUnknown() {
        let frames =
            [
                .event("initial-response", "{}"), Stream.start, .event("news", "not JSON"),
                .event("contentBlockStart", #"{"contentBlockIndex":0,"start":{"image":{"format":"png"}}}"#),
                Stream.delta(0, #"{"image":{"source":{"bytes":"aGk="}}}"#), Stream.stop(0),
                .event("contentBlockStart", #"{"contentBlockIndex":1,"start":{}}"#),
                Stream.delta(1, #"{"text":"a","x":{}}"#),
                Stream.delta(1, "null"),
            ] + Stream.end("end_turn")
        #expect(Stream.chunks(frames) == [Stream.role, #"{"content":"a"}"#] + Stream.finish("stop"))
    }
}
