import Dialects
import JSONBytes
import Testing

@Suite("Responses of Converse")
struct ConverseAnswerTests {
    private static let context = ChatContext(id: "chatcmpl-1", created: 1_700_000_000, model: "nova")

    private static func answer(
        _ content: String, _ stopReason: String = "end_turn", usage: String? = nil, _ context: ChatContext = context
    ) throws -> String {
        let usage = usage.map { #","usage":\#($0)"# } ?? ""
        let body =
            #" {"metrics":{"latencyMs":1},"output":{"message":{"content":\#(content),"role":"assistant"}},"#
            + #""stopReason":"\#(stopReason)"\#(usage)} "#
        return String(decoding: try ConverseAnswer.chatCompletion(Array(body.utf8), context), as: UTF8.self)
    }

    private static func expected(_ message: String, _ reason: String = "stop", usage: String = "") -> String {
        #"{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"nova","choices":[{"index":0,"#
            + #"""
            "message":{"role":"assistant",\#(message),"refusal":null},"logprobs":null,\#
            "finish_reason":"\#(reason)"}]\#(usage)}
            """#
    }

    @Test(
        "A message becomes OpenAI's",
        arguments: [
            (#"[{"text":"Hi \u00e9"}]"#, #""content":"Hi \u00e9""#), ("[]", #""content":"""#),
            (#"[{"text":"a "},{"image":{}},{"text":"b"}]"#, #""content":"a b""#),
            (
                #"[{"citationsContent":{"citations":[{"title":"x"}],"content":[{"text":"cited"}]}},{"text":"!"}]"#,
                #""content":"cited!""#
            ),
            (
                #"[{"reasoningContent":{"reasoningText":{"signature":"c2ln","text":"Hm"}}},{"text":"Yes"}]"#,
                #""content":"Yes","reasoning_content":"Hm","#
                    + #""thinking_blocks":[{"type":"thinking","thinking":"Hm","signature":"c2ln"}]"#
            ),
            (
                #"""
                [{"reasoningContent":{"redactedContent":"cmVk"}},\#
                {"reasoningContent":{"reasoningText":{"text":"a"}}}]
                """#,
                #""content":"","reasoning_content":"a","thinking_blocks":"#
                    + #"[{"type":"redacted_thinking","data":"cmVk"},{"type":"thinking","thinking":"a"}]"#
            ),
        ])
    func translatesMessage(content: String, message: String) throws {
        #expect(try Self.answer(content) == Self.expected(message))
    }

    @Test(
        "The arguments of a tool call are its input without white space, and otherwise as it is written",
        arguments: [
            ("{}", "{}"), ("null", "{}"),
            (" { \"b\" : 1.0 ,\n\t\"a\":\r[ 1e3, -0 ] } ", #"{\"b\":1.0,\"a\":[1e3,-0]}"#),
            (#"{"t":"a  \" b\\","u":" "}"#, #"{\"t\":\"a  \\\" b\\\\\",\"u\":\" \"}"#),
            (#"{"é":"\u00e9\n"}"#, #"{\"é\":\"\\u00e9\\n\"}"#), (#""text""#, #"\"text\""#),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ])
    func keepsInput(input: String, arguments: String) throws {
        let content = #"[{"toolUse":{"input":\#(input),"name":"now","toolUseId":"t-1"}}]"#
        let call = #"{"type":"function","id":"t-1","function":{"name":"now","arguments":"\#(arguments)"}}"#
        #expect(
            try Self.answer(content, "tool_use")
                == Self.expected(#""content":null,"tool_calls":[\#(call)]"#, "tool_calls"))
    }

    @Test("Several tool calls follow the text, without those that the server runs")
    func translatesTools() throws {
        let content = """
            [{"text":"Let me see."},{"toolUse":{"toolUseId":"1","name":"a"}},
            {"toolUse":{"toolUseId":"2","name":"search","input":{},"type":"server_tool_use"}},
            {"toolResult":{"content":[]}},
            {"toolUse":{"toolUseId":"3","name":"b","input":{},"type":"tool_use"}}]
            """
        let calls = [("1", "a"), ("3", "b")].map {
            #"{"type":"function","id":"\#($0)","function":{"name":"\#($1)","arguments":"{}"}}"#
        }
        let message = #""content":"Let me see.","tool_calls":[\#(calls.joined(separator: ","))]"#
        #expect(try Self.answer(content, "tool_use") == Self.expected(message, "tool_calls"))
    }

    @Test("The arguments of the schema's tool are the content")
    func showsSchemaTool() throws {
        var context = Self.context
        context.schemaTool = "answer"
        let call = #"{"toolUse":{"toolUseId":"1","name":"answer","input":{"a": 1}}}"#
        let alone = try Self.answer(#"[{"text":"Here:"},\#(call)]"#, "tool_use", context)
        #expect(alone == Self.expected(#""content":"{\"a\":1}""#))
        let again = #"{"toolUse":{"toolUseId":"3","name":"answer","input":{}}}"#
        let other = #"{"toolUse":{"toolUseId":"2","name":"now","input":{}}}"#
        let both = try Self.answer("[\(call),\(other),\(again)]", "tool_use", context)
        let calls = #"{"type":"function","id":"2","function":{"name":"now","arguments":"{}"}}"#
        #expect(both == Self.expected(#""content":"{\"a\":1}","tool_calls":[\#(calls)]"#, "tool_calls"))
    }

    @Test("Usage and the reason for the stop are OpenAI's")
    func translatesEnd() throws {
        let usage = #"{"inputTokens":18,"outputTokens":397,"totalTokens":2419,"cacheReadInputTokens":2004}"#
        let expected =
            #","usage":{"prompt_tokens":2022,"completion_tokens":397,"total_tokens":2419,"#
            + #""prompt_tokens_details":{"cached_tokens":2004}}"#
        let answer = try Self.answer(#"[{"text":"a"}]"#, "max_tokens", usage: usage)
        #expect(answer == Self.expected(#""content":"a""#, "length", usage: expected))
        #expect(try Self.answer("[]", "guardrail_intervened") == Self.expected(#""content":"""#, "content_filter"))
    }

    @Test(
        "A success that isn't a response is an error",
        arguments: [
            (#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#, 502),
            (#"{"message":"Too many tokens, please wait before trying again."}"#, 429),
            (#"{"Output":{"__type":"com.amazon.coral#ThrottlingException","message":"Slow"}}"#, 429),
            (#"{"__type":"ValidationException","message":"x"}"#, 502), ("{}", 502), (#"{"output":{}}"#, 502), ("", 502),
            (#"{"output":{"message":{"content":[{"text":1}]}}}"#, 502), (#"{"output":{"message":[]}}"#, 502),
            (#"{"output":{"message":{"content":[{"toolUse":{"name":"a"}}]}}}"#, 502),
            (#"{"output":{"message":{"content":[]}}} x"#, 502), ("[]", 502), ("<html>", 502),
        ])
    func throwsErrors(body: String, status: Int) {
        let failure = #expect(throws: BedrockFailure.self) {
            try ConverseAnswer.chatCompletion(Array(body.utf8), Self.context)
        }
        #expect(failure?.status == status && failure?.message.isEmpty == false)
    }

    @Test("A response that is cut off anywhere, or isn't UTF-8, is an error")
    func refusesCut() throws {
        let body = Array(
            #"{"output":{"message":{"content":[{"text":"é"}],"role":"assistant"}},"stopReason":"end_turn"}"#.utf8)
        for length in 0..<body.count {
            #expect(throws: BedrockFailure.self) {
                try ConverseAnswer.chatCompletion(Array(body.prefix(length)), Self.context)
            }
        }
        let invalid = body.map { $0 == 0xC3 ? 0xFF : $0 }
        #expect(throws: BedrockFailure.self) { try ConverseAnswer.chatCompletion(invalid, Self.context) }
        #expect(throws: Never.self) { try ConverseAnswer.chatCompletion(body, Self.context) }
    }
}
