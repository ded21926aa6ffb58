import Testing

@testable import Proxy

/// Features that aren't billed as tokens of the model, or use stored data, are closed to limited callers.
@Suite struct RestrictedFeaturesTests {
    @Test("Any limit of the key or the server restricts them", arguments: LimitedRequest.Limit.allCases)
    func closes(limit: LimitedRequest.Limit) throws {
        #expect(try LimitedRequest.heard(#""tools":[{"type":"web_search"}]"#, limit).errorCode == "tool_not_allowed")
        #expect(try LimitedRequest.heard(#""previous_response_id":"r""#, limit).errorCode == "stored_data_not_allowed")
        #expect(try LimitedRequest.heard(#""service_tier":"priority""#, limit).errorCode == "tier_not_allowed")
        #expect(
            try LimitedRequest.heard(#""deferred":true"#, limit).errorCode == (limit == .models ? nil : "usage_unknown")
        )
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

    @Test("A reference to data that the provider has stored is refused, however it is written", arguments: stored)
    func refusesStored(members: String) throws {
        let heard = try LimitedRequest.heard(members, .cost)
        #expect(heard.status == "403" && heard.calls.isEmpty)
        #expect(heard.errorCode == "stored_data_not_allowed")
        #expect(try LimitedRequest.heard(members, nil).status == "200")
        #expect(try LimitedRequest.heard(members, .cost, server: { $0.allowsStoredData = true }).status == "200")
        #expect(
            try LimitedRequest.heard(members, .cost, key: { $0.permissions.allowsStoredData = true }).status == "200")
    }

    @Test("An allowed tool may still not access stored data")
    func refusesStoredInTools() throws {
        let tool = #""tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]"#
        let opened = { (key: inout VirtualKey) in key.permissions.allowedTools = [ModelPattern("file_search")] }
        #expect(try LimitedRequest.heard(tool, key: opened).errorCode == "stored_data_not_allowed")
        let allowed = try LimitedRequest.heard(tool, server: { $0.allowsStoredData = true }, key: opened)
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
        #expect(try LimitedRequest.heard(members, .tokens).errorCode == (passes ? nil : "tier_not_allowed"))
        #expect(try LimitedRequest.heard(members, nil).status == "200")
    }

    @Test(
        "An answer that arrives later is refused, since it can't be counted",
        arguments: [
            #""background":true"#, #""deferred":true"#, #""Deferred":1"#, #""deferr\u0065d":"yes""#, #""async":true"#,
        ])
    func refusesLater(members: String) throws {
        #expect(try LimitedRequest.heard(members, .tokens).errorCode == "usage_unknown")
        #expect(try LimitedRequest.heard(members, .models).status == "200")
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

    @Test("Ordinary requests pass, whatever is limited", arguments: legitimate, LimitedRequest.Limit.allCases)
    func passes(members: String, limit: LimitedRequest.Limit) throws {
        let heard = try LimitedRequest.heard(members, limit)
        #expect(heard.status == "200", "\(heard.body)")
    }

    @Test("An image from an earlier turn may be sent again with its data")
    func passesPictures() throws {
        let picture = String(repeating: "iVBORw0KGgo", count: 20)
        let item = #""input":[{"type":"image_generation_call","id":"ig_1","result":"\#(picture)"}]"#
        #expect(try LimitedRequest.heard(item).status == "200")
    }
}
