import HTTPTypes
import Testing

@testable import Proxy

/// What isn't paid for in tokens of the model, or was stored for others, is closed to callers who are limited.
@Suite struct RestrictedFeaturesTests {
    /// Who is limited, and by what.
    enum Limit: CaseIterable { case models, tokens, cost, tokensAtServer, server }

    private static let ok = ScriptedTransport.Step(
        outcome: .answer(200, [.contentType: "application/json"], #"{"choices":[]}"#))

    private func heard(
        _ members: String, _ limit: Limit? = .models, path: String = "/a/v1/chat/completions",
        server change: (inout Server) -> Void = { _ in }, key: (inout VirtualKey) -> Void = { _ in }
    ) throws -> Heard {
        let server = Samples.server("a") {
            if limit == .server { $0.quotaSet.quotas = [Quota(.tokens, each: .day, 1000)] }
            change(&$0)
        }
        return try Heard.of([server], [Self.ok], path: path, body: "{\"model\":\"m\",\(members)}") { settings in
            let quota = Quota(limit == .cost ? .cost : .tokens, each: .day, 1000)
            switch limit {
            case .models: settings.virtualKeys[0].allowedModels = [ModelPattern("m*")]
            case .tokens, .cost: settings.virtualKeys[0].quotaSet.quotas = [quota]
            case .tokensAtServer:
                settings.virtualKeys[0].serverQuotaSets["a", default: QuotaSet()].quotas = [quota]
            case .server, nil: break
            }
            key(&settings.virtualKeys[0])
        }
    }

    private func code(_ heard: Heard) -> String? {
        heard.status == "200" ? nil : EventReader(Array("data: \(heard.body)\n\n".utf8)).errors.first?["code"]
    }

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
        let heard = try heard(members, .tokens)
        #expect(heard.status == "403" && heard.calls.isEmpty)
        #expect(code(heard) == "tool_not_allowed")
        #expect(try self.heard(members, nil).status == "200")
        #expect(try self.heard(members, .tokens, key: { $0.allowedTools = [ModelPattern("*")] }).status == "200")
    }

    @Test("Whatever is limited, of the key or the server, closes them", arguments: Limit.allCases)
    func closes(limit: Limit) throws {
        #expect(try code(heard(#""tools":[{"type":"web_search"}]"#, limit)) == "tool_not_allowed")
        #expect(try code(heard(#""previous_response_id":"r""#, limit)) == "stored_data_not_allowed")
        #expect(try code(heard(#""service_tier":"priority""#, limit)) == "tier_not_allowed")
        #expect(try code(heard(#""deferred":true"#, limit)) == (limit == .models ? nil : "usage_unknown"))
    }

    @Test("The owner opens tools by their type, for a key or for a server")
    func opensTools() throws {
        let search = #""tools":[{"type":"web_search_preview"}]"#
        for (pattern, code) in [("web_search*", nil), ("web_search", "tool_not_allowed"), ("*", nil)] {
            #expect(try self.code(heard(search, key: { $0.allowedTools = [ModelPattern(pattern)] })) == code)
            #expect(try self.code(heard(search, server: { $0.allowedTools = [ModelPattern(pattern)] })) == code)
        }
        let both = #""tools":[{"type":"web_search"},{"type":"mcp"}]"#
        #expect(
            try self.code(heard(both, key: { $0.allowedTools = [ModelPattern("web_search")] })) == "tool_not_allowed")
        let refused = try heard(both)
        #expect(refused.body.contains("'web_search'") && refused.body.contains("'allowed_tools'"))
    }

    private static let stored = [
        #""previous_response_id":"resp_1""#, #""previous\u005fresponse_id":"resp_1""#, #""conversation":"conv_1""#,
        #""conversation":{"id":"conv_1"}"#, #""prompt":{"id":"pmpt_1"}"#, #""thread_id":"t""#, #""assistant_id":"a""#,
        #""Previous_Response_ID":"resp_1""#, #""previous_response_id":null,"previous_response_id":"resp_1""#,
        #""input":[{"type":"item_reference","id":"msg_1"}]"#, #""input":[{"id":"msg_1"}]"#,
        #""input":[{"type":"message","id":"msg_1","status":"completed","role":"assistant"}]"#,
        #""input":[{"type":"image_generation_call","id":"ig_1"}]"#,
        #""input":[{"type":"image_generation_call","id":"ig_1","result":"x"}]"#,
        #""input":[{"role":"user","content":[{"type":"input_file","file_id":"file-1"}]}]"#,
        #""input":[{"role":"user","content":[{"type":"input_image","file_id":"file-1","image_url":null}]}]"#,
        #""messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]"#,
        #""messages":[{"role":"user","content":[{"type":"file","file":{"fil\u0065_id":"file-1"}}]}]"#,
        #""Messages":[{"role":"user","content":[{"type":"file","file":{"File_ID":"file-1"}}]}]"#,
        #""messages":[{"role":"assistant","audio":{"id":"audio_1"}}]"#,
        #""messages":[{"role":"user","attachments":[{"file_id":"f","tools":[{"type":"function"}]}]}]"#,
        #""messages":[{"vector_store_ids":["vs_1"]}]"#, #""vector_store_ids":["vs_1"]"#, #""file_ids":["f"]"#,
        #""tool_resources":{"file_search":{"vector_store_ids":["vs_1"]}}"#, #""container":"cntr_1""#,
        #""cached_content":"cachedContents/1""#,
        #""files":[{"type":"collection","id":"k"}]"#, #""files":["file-1"]"#, #""file":"file-1""#, #""file":"1""#,
        #""files":[{"id":"k","name":"n","x":[1]}]"#, #""attachments":[{"id":"k","name":"n"}]"#,
        #""attachments":[{"file_id":"file-1"}]"#, #""thread":"t""#, #""thread":{"id":"t","x":1}"#,
        #""assistant":"a""#, #""assistant":{"id":"a"}"#, #""vector_store":{"id":"v"}"#, #""vector_stores":["v"]"#,
        #""agent_id":"a""#, #""audio":{"voice":{"id":"v"},"format":"wav"}"#, #""voice":{"id":"v","x":1}"#,
        #""audio":{"voice":{"id":"v","x":1}}"#, #""input":[{"id":"x","foo":1}]"#,
        #""input":[{"id":"x","type":null,"a":""}]"#, #""input":[{"id":"x","type":"","a":""}]"#,
        #""input":[{"id":"x","role":null,"content":[]}]"#, #""input":{"id":"x","foo":1}"#,
        #""messages":[{"id":"x","content":"a"}]"#, #""instructions":[{"id":"x","a":1}]"#,
        #""messages":[{"role":"system","content":"fileid://file-fe-1"}]"#,
        #""messages":[{"role":"system","content":" FileID://file-fe-1"}]"#,
        #""messages":[{"role":"system","content":"\u0066ileid://file-fe-1"}]"#,
        #""messages":[{"content":[{"type":"image_url","image_url":{"url":"ms://file1"}}]}]"#,
        #""messages":[{"content":[{"type":"image_url","image_url":{"url":"gs:\/\/bucket\/a.png"}}]}]"#,
        #""messages":[{"content":[{"type":"image_url","image_url":"file-1"}]}]"#,
        #""messages":[{"content":[{"type":"file","file":{"file_data":"file_1"}}]}]"#,
        #""messages":[{"content":[{"url":"https://generativelanguage.googleapis.com/v1beta/files/1"}]}]"#,
    ]

    @Test("What names data that the provider has stored is refused, however it is written", arguments: stored)
    func refusesStored(members: String) throws {
        let heard = try heard(members, .cost)
        #expect(heard.status == "403" && heard.calls.isEmpty)
        #expect(code(heard) == "stored_data_not_allowed")
        #expect(try self.heard(members, nil).status == "200")
        #expect(try self.heard(members, .cost, server: { $0.allowsStoredData = true }).status == "200")
        #expect(try self.heard(members, .cost, key: { $0.allowsStoredData = true }).status == "200")
    }

    @Test("A tool that is open still needs leave to look into what is stored")
    func refusesStoredInTools() throws {
        let tool = #""tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]"#
        let opened = { (key: inout VirtualKey) in key.allowedTools = [ModelPattern("file_search")] }
        #expect(try code(heard(tool, key: opened)) == "stored_data_not_allowed")
        let allowed = try heard(tool, server: { $0.allowsStoredData = true }, key: opened)
        #expect(allowed.status == "200")
    }

    @Test(
        "A tier that may cost more than the price in the table is refused",
        arguments: [
            (#""service_tier":"priority""#, false), (#""service_tier":"scale""#, false),
            (#""service_tier":"performance""#, false), (#""service_tier":"Priority""#, false),
            (#""serviceTier":"priority""#, false), (#""service_tier":{"a":1}"#, false), (#""speed":"fast""#, false),
            (#""service_tier":"default","service_tier":"priority""#, false), (#""service_tier":"flex""#, true),
            (#""service_tier":"auto""#, true), (#""service_tier":"default""#, true), (#""service_tier":null"#, true),
            (#""performanceConfig":{"latency":"optimized"}"#, false),
            (#""performance_config":{"Latency":["x"]}"#, false),
            (#""performanceConfig":"optimized""#, false), (#""performanceConfig":{"latency":"standard"}"#, true),
            (#""performanceConfig":{}"#, true), (#""tier":"priority""#, false),
            (#""processing_tier":"priority""#, false),
            (#""processing_tier":"default""#, true), (#""provider":{"sort":"throughput"}"#, true),
            (#""service_tier":"standard_only""#, true), (#""service_tier":"on_demand""#, true),
            (#""speed":null"#, true),
        ])
    func judgesTiers(members: String, passes: Bool) throws {
        #expect(try code(heard(members, .tokens)) == (passes ? nil : "tier_not_allowed"))
        #expect(try heard(members, nil).status == "200")
    }

    @Test(
        "An answer that comes later can't be counted",
        arguments: [
            #""background":true"#, #""deferred":true"#, #""Deferred":1"#, #""deferr\u0065d":"yes""#, #""async":true"#,
        ])
    func refusesLater(members: String) throws {
        #expect(try code(heard(members, .tokens)) == "usage_unknown")
        #expect(try heard(members, .models).status == "200")
    }

    private static let legitimate = [
        #""messages":[{"role":"user","content":"file_id web_search {\"id\":1}"}],"stream":true,"temperature":0.5"#,
        #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBOR"}}]}]"#,
        #""messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]"#,
        #""messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:x"}}]}]"#,
        #""modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"}"#,
        #"""
        "messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":\#
        {"name":"f","arguments":"{\"file_id\":\"x\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"1"}]
        """#,
        #"""
        "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"file_id":\#
        {"type":"string"},"container":{"type":"string"},"model":{"type":"string"},"tools":{"type":"array"}}}}}]
        """#,
        #""tools":[{"type":"function","name":"f","parameters":{"properties":{"file_id":{"type":"string"}}},"strict":true}]"#,
        #""tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar","grammar":{"syntax":"lark"}}}}]"#,
        #""tools":[{"function":{"name":"f"}}],"tool_choice":"auto","parallel_tool_calls":true"#,
        #""tools":[],"web_search_options":null,"plugins":[],"enable_search":false,"background":false,"deferred":null"#,
        #""functions":[{"name":"f","parameters":{"properties":{"file_id":{}}}}]"#,
        #""prompt":"text","conversation":null,"previous_response_id":null"#, #""prompt":["a","b"]"#, #""prompt":[1,2]"#,
        #""response_format":{"type":"json_schema","json_schema":{"schema":{"properties":{"file_id":{}}}}}"#,
        #""input":"text","store":true,"metadata":{"file_id":"x","id":"y"},"user":"u","prompt_cache_key":"k""#,
        #"""
        "input":[{"role":"user","content":"x"},{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":null,\#
        "status":null},{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{}","status":"completed"},\#
        {"type":"function_call_output","call_id":"c","output":"1"},{"id":"msg_1","type":"message","role":"assistant",\#
        "status":"completed","content":[{"type":"output_text","text":"hi","annotations":[]}]}]
        """#,
        #""input":[{"type":"input_image","image_url":"https://example.com/a.png","file_id":null}]"#,
        #"""
        "input":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"h","annotations":\#
        [{"type":"file_citation","file_id":"f","index":0,"filename":"x"}]}]},{"role":"assistant","content":"x","id":"m"}]
        """#,
        #""messages":[{"role":"assistant","content":[{"type":"text","text":"a","citations":[{"file_id":"f"}]}]}]"#,
        #""messages":[{"role":"user","content":"file-based storage, ms://, fileid:// and gs://bucket"}]"#,
        #""messages":[{"role":"user","content":"file-1"}],"documents":[{"id":"1","data":"file-1 is first"}]"#,
        #""messages":[{"content":[{"type":"image_url","image_url":{"url":"HTTPS://example.com/file-1"}}]}]"#,
        #""messages":[{"content":[{"type":"file","file":"data:application/pdf;base64,AAAA"}]}]"#,
        #""functions":[{"name":"f","description":"d","parameters":{"type":"web_search"}}],"function_call":"auto""#,
        #""tool_choice":{"type":"function","function":{"name":"web_search"}}"#,
        #""tool_choice":{"type":"tool","name":"f"}"#,
        #""tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}"#,
        #""tool_choice":"required","features":{"web_search":false,"x":true},"tool_ids":null,"files":[],"attachments":null"#,
    ]

    @Test("What clients of every day send passes, whatever is limited", arguments: legitimate, Limit.allCases)
    func passes(members: String, limit: Limit) throws {
        let heard = try heard(members, limit)
        #expect(heard.status == "200", "\(heard.body)")
    }

    @Test("A picture of an earlier turn may come back with what it shows")
    func passesPictures() throws {
        let picture = String(repeating: "iVBORw0KGgo", count: 20)
        let item = #""input":[{"type":"image_generation_call","id":"ig_1","result":"\#(picture)"}]"#
        #expect(try heard(item).status == "200")
    }

    @Test("OpenRouter's suffix that searches the web counts as that tool")
    func refusesOnline() throws {
        let models = ["m:online", "v/m:online:free", "m:ONLINE", "m:free:Online", "m:online "]
        for (model, (tools, status)) in models.flatMap({ model in
            [([], "403"), ([ModelPattern("web_search")], "200")].map { (model, $0) }
        }) {
            let body = #"{"model":"\#(model)"}"#
            let heard = try Heard.of([Samples.server("a")], [Self.ok], body: body) { settings in
                settings.virtualKeys[0].quotaSet.quotas = [Quota(.tokens, each: .day, 1000)]
                settings.virtualKeys[0].allowedTools = tools
            }
            #expect(heard.status == status)
        }
    }

    @Test("A model that only has the word in its name passes", arguments: ["m-online", "online", "m:online-1"])
    func passesOtherOnlines(model: String) throws {
        let heard = try Heard.of([Samples.server("a")], [Self.ok], body: #"{"model":"\#(model)"}"#) { settings in
            settings.virtualKeys[0].quotaSet.quotas = [Quota(.tokens, each: .day, 1000)]
        }
        #expect(heard.status == "200")
    }

    private static let disguises = [
        #""models":["a"]"#, #""MODEL":"a""#, #""fallbacks":["a"]"#, #""preset":"a""#,
        #""tools":[{"type":"function","model":"a"}]"#,
    ]

    @Test("Where costs are limited, another model can't be named beside the one that is paid for", arguments: disguises)
    func refusesOtherPrices(members: String) throws {
        let heard = try heard(members, .cost)
        #expect(code(heard) == "usage_unknown" && heard.calls.isEmpty)
        let atServer = try self.heard(members, nil, server: { $0.quotaSet.quotas = [Quota(.cost, each: .day, 1)] })
        #expect(code(atServer) == "usage_unknown")
        #expect(try self.heard(members, .tokens).status == "200")
        #expect(try self.heard(members, nil).status == "200")
    }

    @Test("A preset names a model, be it in the model's own name", arguments: ["@preset/a", "v/m@Preset/a"])
    func refusesPresets(model: String) throws {
        for (limit, code) in [(Limit.models, "model_not_allowed"), (.cost, "usage_unknown")] {
            let heard = try Heard.of([Samples.server("a")], [Self.ok], body: #"{"model":"\#(model)"}"#) { settings in
                if limit == .models {
                    settings.virtualKeys[0].allowedModels = [ModelPattern("*")]
                } else {
                    settings.virtualKeys[0].quotaSet.quotas = [Quota(.cost, each: .day, 1000)]
                }
            }
            #expect(self.code(heard) == code)
        }
    }

    @Test("A fallback whose costs are limited is passed over when the body names other models")
    func checksPricesOfFallbacks() throws {
        let a = Samples.server("a") { ($0.fallbacks, $0.retries) = (["b", "c"], 0) }
        let b = Samples.server("b") { $0.quotaSet.quotas = [Quota(.cost, each: .day, 1000)] }
        let heard = try Heard.of(
            [a, b, Samples.server("c")], [.init(outcome: .answer(500)), Self.ok], body: #"{"model":"m","models":["x"]}"#
        )
        #expect(heard.calls.map(\.url).last == "https://c.example/v1/chat/completions" && heard.calls.count == 2)
    }

    @Test("A fallback that would not take the request is passed over")
    func checksFallbacks() throws {
        let a = Samples.server("a") { ($0.fallbacks, $0.retries) = (["b", "c"], 0) }
        let b = Samples.server("b") { $0.quotaSet.quotas = [Quota(.tokens, each: .day, 1000)] }
        let heard = try Heard.of(
            [a, b, Samples.server("c")], [.init(outcome: .answer(500)), Self.ok],
            body: #"{"model":"m","tools":[{"type":"web_search"}]}"#)
        #expect(
            heard.calls.map(\.url) == [
                "https://a.example/v1/chat/completions", "https://c.example/v1/chat/completions",
            ])
    }

    @Test("Very many tools and ids are read in one pass, and few of them are kept")
    func bounds() throws {
        let tools = (0..<10_000).map { #"{"type":"tool-\#($0)"}"# }.joined(separator: ",")
        let members = try RequestMembers(Array(#"{"tools":[\#(tools)]}"#.utf8))
        #expect(members.restrictedFeatures.tools.count == 17 && members.restrictedFeatures.tools.last == "unnamed")
        let long = try RequestMembers(Array(#"{"tools":[{"type":"\#(String(repeating: "x", count: 100_000))"}]}"#.utf8))
        #expect(long.restrictedFeatures.tools == ["unnamed"])
    }
}
