import Dialects
import Testing

/// How OpenAI's tools and JSON schemas become Converse's.
@Suite("Converse's tools")
struct ConverseToolsTests {
    private static let claude = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    private static let oldClaude = "anthropic.claude-3-5-haiku-20241022-v1:0"
    private static let llama = "meta.llama3-3-70b-instruct-v1:0"
    private static let tool =
        #"""
        "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object",\#
        "properties":{"x":{"type":"number"}}},"strict":true}}]
        """#
    private static let spec =
        #""name":"f","description":"d","inputSchema":{"json":{"type":"object","properties":{"x":{"type":"number"}}}}"#

    @Test(
        "Tools and tool_choice are translated",
        arguments: [
            (claude, tool, #"{"tools":[{"toolSpec":{\#(spec),"strict":true}}]}"#),
            (oldClaude, tool, #"{"tools":[{"toolSpec":{\#(spec)}}]}"#),
            (
                oldClaude, tool + #","tool_choice":"auto""#,
                #"{"tools":[{"toolSpec":{\#(spec)}}],"toolChoice":{"auto":{}}}"#
            ),
            (
                oldClaude, tool + #","tool_choice":"required""#,
                #"{"tools":[{"toolSpec":{\#(spec)}}],"toolChoice":{"any":{}}}"#
            ),
            (
                oldClaude, tool + #","tool_choice":{"type":"function","function":{"name":"f"}}"#,
                #"{"tools":[{"toolSpec":{\#(spec)}}],"toolChoice":{"tool":{"name":"f"}}}"#
            ),
            (oldClaude, tool + #","tool_choice":"none""#, nil), (oldClaude, #""tools":[]"#, nil),
            (oldClaude, #""tools":null"#, nil),
            (llama, tool, #"{"tools":[{"toolSpec":{\#(spec)}}]}"#),
            (
                oldClaude, #""tools":[{"type":"function","function":{"name":"f","description":" "}}]"#,
                #"{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]}"#
            ),
            (
                oldClaude,
                #"""
                "tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{}}},\#
                "cache_control":{"type":"ephemeral"}}]
                """#,
                #"""
                {"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}},\#
                {"cachePoint":{"type":"default"}}]}
                """#
            ),
        ] as [(String, String, String?)])
    func translates(model: String, members: String, expected: String?) throws {
        #expect(try Converted(members, model: model)["toolConfig"] == expected)
    }

    @Test(
        "Only Claude can be told to call one tool at a time",
        arguments: [
            (
                claude, tool + #","parallel_tool_calls":false"#,
                #"{"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}"#
            ),
            (
                claude, tool + #","parallel_tool_calls":false,"tool_choice":"required""#,
                #"{"tool_choice":{"disable_parallel_tool_use":true}}"#
            ),
            (claude, tool + #","parallel_tool_calls":true"#, nil), (claude, #""parallel_tool_calls":false"#, nil),
            (llama, tool + #","parallel_tool_calls":false"#, nil),
            (claude, tool + #","parallel_tool_calls":false,"tool_choice":"none""#, nil),
        ] as [(String, String, String?)])
    func callsOne(model: String, members: String, expected: String?) throws {
        #expect(try Converted(members, model: model)["additionalModelRequestFields"] == expected)
    }

    @Test(
        "Tools that can't be sent are refused with their place",
        arguments: [
            (claude, #""tools":[{"type":"custom","custom":{"name":"f"}}]"#, "tools.0.type"),
            (claude, #""tools":[{"type":"web_search"}]"#, "tools.0.type"),
            (claude, #""tools":[{"type":"function","function":{"name":"f.g"}}]"#, "tools.0.function.name"),
            (claude, #""tools":[{"type":"function","function":{"name":""}}]"#, "tools.0.function.name"),
            (
                claude,
                #""tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}]"#,
                "tools.1.function.name"
            ),
            (
                claude, #""tools":[{"type":"function","function":{"name":"f","parameters":[]}}]"#,
                "tools.0.function.parameters"
            ),
            (
                claude, #""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"array"}}}]"#,
                "tools.0.function.parameters.type"
            ),
            (claude, #""tool_choice":"required""#, "tool_choice"),
            (llama, tool + #","tool_choice":"required""#, "tool_choice"),
            (
                claude, tool + #","tool_choice":{"type":"function","function":{"name":"g"}}"#,
                "tool_choice.function.name"
            ),
            (claude, #""response_format":{"type":"grammar"}"#, "response_format.type"),
            (claude, #""response_format":{"type":"json_schema"}"#, "response_format.json_schema.schema"),
        ])
    func refuses(model: String, members: String, place: String) {
        let refusal = #expect(throws: RequestRefusal.self) { try Converted(members, model: model) }
        #expect(refusal?.param == place)
    }

    private static let format =
        #"""
        "response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object",\#
        "properties":{"a":{"type":"object","properties":{},"default":{"type":"object"}},\#
        "b":{"anyOf":[{"type":"object"},{"type":"string"}]}},"required":["a"]}}}
        """#

    @Test("A model that follows JSON schemas natively gets one with additionalProperties false")
    func followsSchema() throws {
        let converted = try Converted(Self.format, model: Self.claude)
        #expect(converted.request.schemaTool == nil)
        #expect(
            converted["outputConfig"]
                == #"""
                {"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\",\#
                \"properties\":{\"a\":{\"type\":\"object\",\"properties\":{},\"default\":{\"type\":\"object\"},\#
                \"additionalProperties\":false},\"b\":{\"anyOf\":[{\"type\":\"object\",\#
                \"additionalProperties\":false},{\"type\":\"string\"}]}},\"required\":[\"a\"],\#
                \"additionalProperties\":false}","name":"n"}}}}
                """#
        )
    }

    @Test("Other models get the schema as a tool, which they are made to call if they can be")
    func callsSchema() throws {
        let converted = try Converted(Self.format, model: Self.oldClaude)
        #expect(converted.request.schemaTool == "json_tool_call")
        #expect(converted["outputConfig"] == nil)
        #expect(converted["toolConfig"]?.contains(#""toolChoice":{"tool":{"name":"json_tool_call"}}"#) == true)
        let besides = try Converted(Self.format + "," + Self.tool, model: Self.oldClaude)
        #expect(besides["toolConfig"]?.contains(#""toolChoice":{"any":{}}"#) == true)
        let free = try Converted(Self.format, model: Self.llama)
        #expect(free["toolConfig"]?.contains("toolChoice") == false)
        #expect(free.request.schemaTool == "json_tool_call")
    }

    @Test(
        "The formats json_object and text add nothing to the request",
        arguments: [#"{"type":"json_object"}"#, #"{"type":"text"}"#, "null"])
    func needsNothing(format: String) throws {
        #expect(try Converted(#""response_format":\#(format)"#).rest == "")
    }

    @Test(
        "The caller's choice among tools also holds beside a JSON schema",
        arguments: [
            (#""tool_choice":"auto""#, #""toolChoice":{"any":{}}"#),
            (#""tool_choice":"none""#, #""toolChoice":{"tool":{"name":"json_tool_call"}}"#),
            (
                #""tool_choice":{"type":"function","function":{"name":"f"}}"#, #""toolChoice":{"tool":{"name":"f"}}"#
            ),
        ])
    func choosesBesideSchema(choice: String, expected: String) throws {
        let format = #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}"#
        let config = try Converted("\(Self.tool),\(choice),\(format)", model: Self.oldClaude)["toolConfig"]
        #expect(config?.contains(expected) == true)
    }
}
