import Dialects
import Testing

/// How OpenAI's messages become Converse's.
@Suite("Converse's messages")
struct ConverseMessagesTests {
    /// OpenAI's messages, and Converse's, each in JSON.
    private static let cases: [(String, String)] = [
        (#"{"role":"user","content":"a\"\n"}"#, #"{"role":"user","content":[{"text":"a\"\n"}]}"#),
        (
            #"""
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":" "},{"type":"text",\#
            "text":"b"}]}
            """#,
            #"{"role":"user","content":[{"text":"a"},{"text":"b"}]}"#
        ),
        // Turns that don't alternate are merged, and blank ones left out.
        (
            #"{"role":"user","content":"a"},{"role":"user","content":"b"}"#,
            #"{"role":"user","content":[{"text":"a"},{"text":"b"}]}"#
        ),
        (
            #"{"role":"user","content":"a"},{"role":"assistant","content":" \n"},{"role":"user","content":"b"}"#,
            #"{"role":"user","content":[{"text":"a"},{"text":"b"}]}"#
        ),
        (
            #"""
            {"role":"user","content":"a"},{"role":"assistant","content":null},{"role":"assistant","content":"b"},\#
            {"role":"user","content":"c"}
            """#,
            #"""
            {"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"b"}]},{"role":"user",\#
            "content":[{"text":"c"}]}
            """#
        ),
        // Claude refuses white space at the end of what it is to continue.
        (
            #"{"role":"user","content":"a"},{"role":"assistant","content":"b \n"}"#,
            #"{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"b"}]}"#
        ),
        (
            #"""
            {"role":"user","content":"a"},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},\#
            {"role":"user","content":"b"}
            """#,
            #"""
            {"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"no"}]},\#
            {"role":"user","content":[{"text":"b"}]}
            """#
        ),
        (
            #"{"role":"user","content":"a"},{"role":"assistant","content":"b ","cache_control":{"type":"ephemeral"}}"#,
            #"{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"b"},{"cachePoint":{"type":"default"}}]}"#
        ),
        // It also refuses a turn that ends with thoughts.
        (
            #"{"role":"user","content":"a"},{"role":"assistant","content":" ","thinking_blocks":[{"thinking":"t","signature":"s"}]}"#,
            #"{"role":"user","content":[{"text":"a"}]}"#
        ),
        // There is no cache point behind nothing, and only one behind a part.
        (
            #"{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"","cache_control":{"type":"ephemeral"}}"#,
            #"{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"b"}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}],"cache_control":{"type":"ephemeral"}}"#,
            #"{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default","ttl":"1h"}}]}"#
        ),
        // Images and documents.
        (
            #"""
            {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpg;base64,aGk=",\#
            "detail":"low"}}]}
            """#,
            #"{"role":"user","content":[{"image":{"format":"jpeg","source":{"bytes":"aGk="}}}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"DATA:image\/PNG;base64,a\/k="}}]}"#,
            #"{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"a/k="}}}]}"#
        ),
        (
            #"""
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"file",\#
            "file":{"filename":"My_plan!!.pdf","file_data":"data:application/pdf;base64,aGk="}}]}
            """#,
            #"""
            {"role":"user","content":[{"text":"a"},{"document":{"format":"pdf","name":"My plan",\#
            "source":{"bytes":"aGk="}}}]}
            """#
        ),
        (
            #"""
            {"role":"user","content":[{"type":"file","file":{"file_data":"data:text/csv;base64,aGk="}},\#
            {"type":"file","file":{"filename":"document.md",\#
            "file_data":"data:application/octet-stream;base64,aGk="}}]}
            """#,
            #"""
            {"role":"user","content":[{"text":"document, document 2"},{"document":{"format":"csv",\#
            "name":"document","source":{"bytes":"aGk="}}},{"document":{"format":"md","name":"document 2",\#
            "source":{"bytes":"aGk="}}}]}
            """#
        ),
        // Cache points.
        (
            #"""
            {"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},\#
            {"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}}]}
            """#,
            #"""
            {"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}},{"text":"b"},\#
            {"cachePoint":{"type":"default","ttl":"1h"}}]}
            """#
        ),
        (
            #"{"role":"user","content":"a","cache_control":{"type":"ephemeral"}}"#,
            #"{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}}]}"#
        ),
        // Tool calls and their results.
        (
            user + "," + calls + "," + result("1", "x") + "," + result("2", ""),
            converseUser + "," + converseCalls
                + #"""
                ,{"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"text":"x"}]}},\#
                {"toolResult":{"toolUseId":"2","content":[{"text":"(no output)"}]}}]}
                """#
        ),
        (
            user + "," + calls + #",{"role":"user","content":"wait"},"# + result("2", "y") + "," + result("1", "x")
                + "," + result("1", "again"),
            converseUser + "," + converseCalls
                + #"""
                ,{"role":"user","content":[{"toolResult":{"toolUseId":"2","content":[{"text":"y"}]}},\#
                {"toolResult":{"toolUseId":"1","content":[{"text":"x"}]}},{"text":"wait"}]}
                """#
        ),
        // Pieces of a block have the same index; a piece of another one isn't part of the signed text.
        (
            user
                + #",{"role":"assistant","content":"b","thinking_blocks":[{"index":0,"thinking":"lost"},{"index":1,"thinking":"x"},{"index":1,"thinking":"y"},{"index":1,"signature":"S"}]}"#,
            converseUser
                + #",{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"xy","signature":"S"}}},{"text":"b"}]}"#
        ),
        // What was thought in a turn stands in front of all of it, and never alone.
        (
            user
                + #",{"role":"assistant","content":"b"},{"role":"assistant","content":"c","thinking_blocks":[{"type":"thinking","thinking":"x","signature":"S"}]},{"role":"assistant","thinking_blocks":[{"type":"redacted_thinking","data":"D"}]}"#,
            converseUser
                + #",{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"x","signature":"S"}}},{"text":"b"},{"text":"c"}]}"#
        ),
        // What the model thought stands in front, and only signed.
        (
            user
                + #"""
                ,{"role":"assistant","reasoning_content":"no","content":"b","thinking_blocks":[{"type":"thinking",\#
                "thinking":"x"},{"type":"thinking","thinking":"y","signature":"S"},{"type":"redacted_thinking",\#
                "data":"D"},{"type":"thinking","thinking":"unsigned"}]},{"role":"user","content":"c"}
                """#,
            converseUser
                + #"""
                ,{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"xy",\#
                "signature":"S"}}},{"reasoningContent":{"redactedContent":"D"}},{"text":"b"}]},{"role":"user",\#
                "content":[{"text":"c"}]}
                """#
        ),
        (
            user
                + #"""
                ,{"role":"assistant","reasoning_content":"why","content":"b",\#
                "thinking_blocks":[{"type":"thinking","thinking":"","signature":"S"}]},{"role":"user",\#
                "content":"c"}
                """#,
            converseUser
                + #"""
                ,{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"why",\#
                "signature":"S"}}},{"text":"b"}]},{"role":"user","content":[{"text":"c"}]}
                """#
        ),
    ]

    private static let user = #"{"role":"user","content":"a"}"#
    private static let converseUser = #"{"role":"user","content":[{"text":"a"}]}"#
    private static let calls =
        #"""
        {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f",\#
        "arguments":"{\"x\": 1.0}"}},{"id":"2","type":"function","function":{"name":"g","arguments":""}}]}
        """#
    private static let converseCalls =
        #"""
        {"role":"assistant","content":[{"toolUse":{"toolUseId":"1","name":"f","input":{"x": 1.0}}},\#
        {"toolUse":{"toolUseId":"2","name":"g","input":{}}}]}
        """#

    private static func result(_ id: String, _ text: String) -> String {
        #"{"role":"tool","tool_call_id":"\#(id)","content":"\#(text)"}"#
    }

    @Test("Messages become turns of user and assistant", arguments: cases)
    func translates(messages: String, expected: String) throws {
        #expect(try Converted(#""messages":[\#(messages)]"#)["messages"] == "[\(expected)]")
    }

    @Test("System and developer messages become the system prompt, wherever they are")
    func hoistsSystem() throws {
        let converted = try Converted(
            #"""
            "messages":[{"role":"system","content":"s"},\#(Self.user),{"role":"developer",\#
            "content":[{"type":"text","text":"d","cache_control":{"type":"ephemeral"}}]},{"role":"system",\#
            "content":""}]
            """#
        )
        #expect(converted["system"] == #"[{"text":"s"},{"text":"d"},{"cachePoint":{"type":"default"}}]"#)
        #expect(converted["messages"] == "[\(Self.converseUser)]")
    }

    @Test("A model without a system prompt gets it in the user's message")
    func hasNoSystem() throws {
        let converted = try Converted(
            #""messages":[{"role":"system","content":"s"},\#(Self.user)]"#, model: "mistral.mistral-7b-instruct-v0:2")
        #expect(converted["system"] == nil)
        #expect(converted["messages"] == #"[{"role":"user","content":[{"text":"s"},{"text":"a"}]}]"#)
    }

    @Test("Documents get names of their own, also beside a name with a number")
    func namesDocuments() throws {
        let files = ["a 2.pdf", "a.pdf", "a.pdf", "a.md", "a 2.pdf"].map { name in
            #"{"type":"file","file":{"filename":"\#(name)","file_data":"aGk="}}"#
        }
        let converted = try Converted(
            #""messages":[{"role":"user","content":[\#(files.joined(separator: ","))]}]"#)
        #expect(converted.text.contains(#"{"text":"a 2, a, a 3, a 4, a 2 2"}"#))
    }

    @Test("A request doesn't grow with the number of its signatures")
    func usesReasoningOnce() throws {
        let signatures = Array(repeating: #"{"type":"thinking","signature":"S"}"#, count: 100).joined(separator: ",")
        let message =
            #"{"role":"assistant","content":"b","reasoning_content":"why","thinking_blocks":[\#(signatures)]}"#
        let converted = try Converted(#""messages":[\#(Self.user),\#(message),\#(Self.user)]"#)
        #expect(converted.text.split(separator: #""signature":"S""#, omittingEmptySubsequences: false).count == 101)
        #expect(converted.text.split(separator: "why", omittingEmptySubsequences: false).count == 2)
    }

    @Test("A model without prompt caching gets no cache points")
    func cachesNothing() throws {
        let converted = try Converted(
            #"""
            "messages":[{"role":"user","content":[{"type":"text","text":"a",\#
            "cache_control":{"type":"ephemeral"}}]}]
            """#,
            model: "meta.llama3-3-70b-instruct-v1:0")
        #expect(converted["messages"] == "[\(Self.converseUser)]")
    }

    @Test("Ids of tool calls that Bedrock doesn't accept are replaced alike in calls and results")
    func replacesIDs() throws {
        for id in ["call|1", String(repeating: "x", count: 65), "é"] {
            let call =
                #"""
                {"role":"assistant","tool_calls":[{"id":"\#(id)","type":"function","function":{"name":"f",\#
                "arguments":"{}"}}]}
                """#
            let text = try Converted(#""messages":[\#(Self.user),\#(call),\#(Self.result(id, "x"))]"#).text
            let ids = text.split(separator: "\"").filter { $0.hasPrefix("call_") }
            #expect(ids.count == 2 && ids[0] == ids[1])
            #expect(!text.contains(id))
        }
    }

    @Test("Tools that were called are described even if the request no longer has them")
    func describesCalledTools() throws {
        let converted = try Converted(
            #"""
            "messages":[\#(Self.user),\#(Self.calls),\#(Self.result("1", "x")),\#(Self.result("2", "y"))],\#
            "tool_choice":"none"
            """#
        )
        let tool = { (name: String) in
            #"{"toolSpec":{"name":"\#(name)","inputSchema":{"json":{"type":"object","properties":{}}}}}"#
        }
        #expect(converted["toolConfig"] == #"{"tools":[\#(tool("f")),\#(tool("g"))]}"#)
    }

    /// Messages that can't be sent, and the place that the refusal names.
    private static let refused: [(String, String)] = [
        ("", "messages"), (#"{"role":"system","content":"s"}"#, "messages"),
        (#"{"role":"user","content":" "}"#, "messages"),
        (#"{"role":"assistant","content":"a"}"#, "messages"), ("1", "messages.0"),
        (#"{"content":"a"}"#, "messages.0.role"),
        (#"{"role":"function","name":"f","content":"a"}"#, "messages.0.role"),
        (#"{"role":"critic","content":"a"}"#, "messages.0.role"),
        (#"{"role":"user","content":1}"#, "messages.0.content"),
        (#"{"role":"user","content":[1]}"#, "messages.0.content.0.type"),
        (#"{"role":"user","content":[{"type":"text"}]}"#, "messages.0.content.0.text"),
        (#"{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}"#, "messages.0.content.0.type"),
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.com/x.png"}}]}"#,
            "messages.0.content.0.image_url.url"
        ),
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/tiff;base64,aGk="}}]}"#,
            "messages.0.content.0.image_url.url"
        ),
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,aGk="}}]}"#,
            "messages.0.content.0.image_url.url"
        ),
        (#"{"role":"user","content":[{"type":"image_url"}]}"#, "messages.0.content.0.image_url.url"),
        (#"{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}"#, "messages.0.content.0.file"),
        (
            #"{"role":"user","content":[{"type":"file","file":{"file_data":"data:video/mp4;base64,aGk="}}]}"#,
            "messages.0.content.0.file"
        ),
        (
            #"{"role":"system","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}"#,
            "messages.0.content.0.type"
        ),
        (user + #",{"role":"assistant","function_call":{"name":"f","arguments":"{}"}}"#, "messages.1.function_call"),
        (user + "," + result("1", "x"), "messages.1.tool_call_id"),
        (user + "," + calls + "," + result("3", "x"), "messages.2.tool_call_id"),
        (user + "," + calls + "," + result("1", "x"), "messages.1.tool_calls.1"),
        (user + "," + calls + #",{"role":"assistant","content":"b"}"#, "messages.1.tool_calls.0"),
        (user + "," + calls, "messages.1.tool_calls.0"),
        (user + "," + calls.replacing("\"2\"", with: "\"1\""), "messages.1.tool_calls.1.id"),
        (user + "," + calls.replacing("\"f\"", with: "\"f f\""), "messages.1.tool_calls.0.function.name"),
        (user + "," + calls.replacing("1.0}", with: "1.0"), "messages.1.tool_calls.0.function.arguments"),
        (user + "," + calls.replacing("\"id\":\"1\"", with: "\"id\":1"), "messages.1.tool_calls.0.id"),
        (user + "," + calls.replacing("\"type\":\"function\"", with: "\"type\":\"custom\""), "messages.1.tool_calls.0"),
    ]

    @Test("Messages that can't be sent are refused with their place", arguments: refused)
    func refuses(messages: String, place: String) {
        let refusal = #expect(throws: RequestRefusal.self) { try Converted(#""messages":[\#(messages)]"#) }
        #expect(refusal?.param == place)
    }

    @Test("Claude doesn't think if a message with tool calls lacks its signed thinking")
    func thinksOnlyWithThoughts() throws {
        let results = Self.result("1", "x") + "," + Self.result("2", "y")
        let signed = Self.calls.replacing(
            "\"content\":null", with: #""thinking_blocks":[{"type":"thinking","thinking":"x","signature":"S"}]"#)
        for (calls, thinks) in [(Self.calls, false), (signed, true)] {
            let converted = try Converted(#""messages":[\#(Self.user),\#(calls),\#(results)],"reasoning_effort":"low""#)
            #expect((converted["additionalModelRequestFields"] != nil) == thinks)
        }
    }
}

extension String {
    /// With the first place of a text replaced.
    fileprivate func replacing(_ text: String, with other: String) -> String {
        for index in indices where self[index...].hasPrefix(text) {
            return String(self[..<index]) + other + self[index...].dropFirst(text.count)
        }
        return self
    }
}
