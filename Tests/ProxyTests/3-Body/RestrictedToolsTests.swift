import Testing

@testable import Proxy

/// The provider's tools are closed to limited callers.
@Suite struct RestrictedToolsTests {
    private static let tools = [
        #""tools":[{"type":"web_search"}]"#, #""tools":[{"type":"image_generation"}]"#, #""tools":[{"type":"mcp"}]"#,
        #""tools":[{"type":"function","function":{}},{"type":"code_interpreter","container":{"type":"auto"}}]"#,
        #""tools":[{"type":"function","type":"web_search"}]"#, #""tools":[{"type":"web_search","type":"function"}]"#,
        #""tools":[{"Type":"function","type":"web_search"}]"#, #""tools":[{"type":"Function"}]"#,
        #""tools":[{"type":"function "}]"#, #""tools":[{"type":["function"]}]"#, #""tools":[{"type":1}]"#,
        #""tools":[{"type":null}]"#, #""tools":[{"type":""}]"#, #""tools":[{}]"#, #""tools":[{"function":"x"}]"#,
        #""tools":[{"google_search":{}}]"#,
        #""tools":[{"function":{},"google_search":{}}]"#, #""tools":[{"function":{},"x":{}}]"#,
        #""tools":[{"type":"function","googleSearch":{}}]"#, #""tools":[[{"type":"web_search"}]]"#,
        #""tools":["web_search"]"#, #""tools":[1]"#, #""tools":[null]"#, #""tools":{"type":"web_search"}"#,
        #""tools":"web_search""#, #""Tools":[{"type":"web_search"}]"#, #""too\u006cs":[{"ty\u0070e":"web_search"}]"#,
        #""tools":[],"tools":[{"type":"web_search"}]"#, #""tools":[{"type":"web_search"}],"tools":[]"#,
        #""tools":[{"type":"web\u005fsearch"}]"#, #""messages":[{"role":"system","tools":[{"type":"web_search"}]}]"#,
        #""web_search_options":{}"#, #""webSearchOptions":{}"#, #""web_search_options":{"search_context_size":"low"}"#,
        #""search_parameters":{"mode":"on"}"#, #""search_settings":{"x":1}"#, #""compound_custom":{}"#,
        #""plugins":[{"id":"web"}]"#, #""enable_search":true"#, #""Enable_Search":1"#,
        #""connectors":[{"id":"web-search"}]"#,
        #""data_sources":[{"type":"azure_search"}]"#, #""dataSources":[{"type":"azure_search"}]"#,
        #""mcp_servers":[{"type":"url"}]"#, #""extra_body":{"google":{"tools":[]}}"#,
        #""features":{"web_search":true}"#, #""features":{"image_generation":{}}"#, #""features":["web_search"]"#,
        #""tool_ids":["web"]"#, #""built_in_tools":[{"type":"web_search"}]"#, #""builtin_tools":["web_search"]"#,
        #""functions":[{"type":"web_search"}]"#, #""functions":[{"name":"f","web_search":{}}]"#,
        #""tool_choice":{"type":"image_generation"}"#, #""tool_choice":{"type":["web_search"]}"#,
        #""tool_choice":{"type":"allowed_tools","tools":[{"type":"web_search"}]}"#,
        #""tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"mcp"}]}}"#,
        #""web_search_options":[1,1]"#,
    ]

    @Test("A tool that the provider runs is refused, however it is written", arguments: tools)
    func refusesTools(members: String) throws {
        let heard = try LimitedRequest.heard(members, .tokens)
        #expect(heard.status == "403" && heard.calls.isEmpty)
        #expect(heard.errorCode == "tool_not_allowed")
        #expect(try LimitedRequest.heard(members, nil).status == "200")
        #expect(
            try LimitedRequest.heard(members, .tokens, key: { $0.permissions.allowedTools = [ModelPattern("*")] })
                .status == "200")
    }

    @Test("The owner can allow tools by their type, for a key or for a server")
    func opensTools() throws {
        let search = #""tools":[{"type":"web_search_preview"}]"#
        for (pattern, code) in [("web_search*", nil), ("web_search", "tool_not_allowed"), ("*", nil)] {
            #expect(
                try LimitedRequest.heard(search, key: { $0.permissions.allowedTools = [ModelPattern(pattern)] })
                    .errorCode == code)
            #expect(
                try LimitedRequest.heard(search, server: { $0.allowedTools = [ModelPattern(pattern)] }).errorCode
                    == code)
        }
        let both = #""tools":[{"type":"web_search"},{"type":"mcp"}]"#
        #expect(
            try LimitedRequest.heard(both, key: { $0.permissions.allowedTools = [ModelPattern("web_search")] })
                .errorCode
                == "tool_not_allowed")
        let refused = try LimitedRequest.heard(both)
        #expect(refused.body.contains("'web_search'") && refused.body.contains("'allowed_tools'"))
    }

    @Test("OpenRouter's suffix that searches the web counts as the web search tool")
    func refusesOnline() throws {
        let models = ["m:online", "v/m:online:free", "m:ONLINE", "m:free:Online", "m:online "]
        for (model, (tools, status)) in models.flatMap({ model in
            [([], "403"), ([ModelPattern("web_search")], "200")].map { (model, $0) }
        }) {
            let body = #"{"model":"\#(model)"}"#
            let heard = try Heard.of([Samples.server("a")], [LimitedRequest.ok], body: body) { settings in
                settings.virtualKeys[0].limits.quotaSet.quotas = [Quota(.tokens, each: .day, 1000)]
                settings.virtualKeys[0].permissions.allowedTools = tools
            }
            #expect(heard.status == status)
        }
    }

    @Test("A model with that word in its name passes", arguments: ["m-online", "online", "m:online-1"])
    func passesOtherOnlines(model: String) throws {
        let heard = try Heard.of([Samples.server("a")], [LimitedRequest.ok], body: #"{"model":"\#(model)"}"#) {
            settings in
            settings.virtualKeys[0].limits.quotaSet.quotas = [Quota(.tokens, each: .day, 1000)]
        }
        #expect(heard.status == "200")
    }

    @Test("A fallback that wouldn't accept the request is skipped")
    func checksFallbacks() throws {
        let a = Samples.server("a") { ($0.fallbacks, $0.retries) = (["b", "c"], 0) }
        let b = Samples.server("b") { $0.quotaSet.quotas = [Quota(.tokens, each: .day, 1000)] }
        let heard = try Heard.of(
            [a, b, Samples.server("c")], [.init(outcome: .answer(500)), LimitedRequest.ok],
            body: #"{"model":"m","tools":[{"type":"web_search"}]}"#)
        #expect(
            heard.calls.map(\.url) == [
                "https://a.example/v1/chat/completions", "https://c.example/v1/chat/completions",
            ])
    }

    @Test("Of very many tools, few are kept")
    func bounds() throws {
        let tools = (0..<10_000).map { #"{"type":"tool-\#($0)"}"# }.joined(separator: ",")
        let members = try RequestMembers(Array(#"{"tools":[\#(tools)]}"#.utf8))
        #expect(members.restrictedFeatures.tools.count == 17 && members.restrictedFeatures.tools.last == "unnamed")
        let long = try RequestMembers(Array(#"{"tools":[{"type":"\#(String(repeating: "x", count: 100_000))"}]}"#.utf8))
        #expect(long.restrictedFeatures.tools == ["unnamed"])
    }
}
