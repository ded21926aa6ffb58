import HTTPTypes
import Testing

@testable import Proxy

/// A key that is for certain models: what is checked is what is sent.
@Suite struct AllowedModelsTests {
    private func heard(
        _ body: String, models: [String] = ["small", "mini-*"], path: String = "/a/v1/chat/completions",
        query: String = "", method: String = "POST", _ steps: [ScriptedTransport.Step] = [ok],
        servers: [Server] = [Samples.server("a") { $0.modelAliases = ["nick": "small", "small-nick": "large"] }]
    ) throws -> Heard {
        try Heard.of(servers, steps, method: method, path: path, query: query, body: body) { settings in
            settings.virtualKeys[0].allowedModels = models.map { ModelPattern($0) }
        }
    }

    private static let ok = ScriptedTransport.Step(
        outcome: .answer(200, [.contentType: "application/json"], #"{"choices":[]}"#))

    @Test(
        "Allowed models pass, by whatever name",
        arguments: [
            (#"{"model":"small"}"#, "small"), (#"{"model":"mini-4"}"#, "mini-4"), (#"{"model":"nick"}"#, "small"),
            (#"{"model":"\u0073mall"}"#, #"\u0073mall"#),
        ])
    func passes(body: String, sent: String) throws {
        let heard = try heard(body)
        #expect(heard.status == "200")
        #expect(try #require(heard.calls.first).body == #"{"model":"\#(sent)"}"#)
    }

    @Test(
        "Others are refused before anybody is asked, however they are written",
        arguments: [
            #"{"model":"large"}"#, #"{"model":"Small"}"#, #"{"model":"small "}"#, #"{"model":" small"}"#,
            #"{"model":"small-nick"}"#, #"{"model":"\u006carge"}"#, #"{"model":"small\u0000"}"#, #"{"model":""}"#,
            #"{"model":null}"#, #"{"model":["small"]}"#, #"{"model":{"a":"small"}}"#, "{}",
            #"{"model":"small","Model":"large"}"#, #"{"MODEL":"small","model":"small"}"#,
            #"{"model":"small","model ":"large"}"#, #"{"model":"small","models":["large"]}"#,
            #"{"model":"small","mod\u0065ls":["large"]}"#, #"{"model":"small","fallbacks":["large"]}"#,
            #"{"model":"small","model\u017f":["large"]}"#, #"{"model":"small","context_window_fallbacks":[]}"#,
            #"{"model":"small","extra_body":{"model":"large"}}"#,
            #"{"model":"small","tools":[{"type":"function"},{"type":"image_generation","Model":"large"}]}"#,
        ])
    func refuses(body: String) throws {
        let heard = try heard(body)
        #expect(heard.status == "403")
        #expect(heard.calls.isEmpty)
        #expect(heard.body.contains(#""code":"model_not_allowed""#))
    }

    @Test("What a tool is told is none of the model's business")
    func passesTools() throws {
        let tool = #"{"function":{"parameters":{"properties":{"model":{}}}}}"#
        for tools in ["[\(tool)]", "[]", "null", #"[{"type":"function","parameters":{"model":1}}]"#] {
            #expect(try heard(#"{"model":"small","tools":\#(tools)}"#).status == "200")
        }
    }

    @Test("A model twice is no JSON that anybody reads alike")
    func refusesDuplicates() throws {
        for second in [#""model":"large""#, #""mod\u0065l":"large""#] {
            #expect(try heard(#"{"model":"small",\#(second)}"#).status == "400")
        }
    }

    @Test("The table's own model is checked too", arguments: [(["a-model"], "200"), (["small"], "403")])
    func checksFilledIn(models: [String], status: String) throws {
        #expect(try heard("{}", models: models).status == status)
    }

    @Test(
        "A query that names a model is refused",
        arguments: [
            "model=large", "a=b&model=large", "mod%65l=large", "Model=large", "a=b;model=large", "model%20=large",
        ])
    func refusesQueries(query: String) throws {
        #expect(try heard(#"{"model":"small"}"#, query: query).status == "403")
        #expect(try heard(#"{"model":"small"}"#, query: "api-version=model").status == "200")
    }

    @Test("What isn't read can't be checked")
    func refusesUnread() throws {
        let open = Samples.server("a") { $0.endpoints = [EndpointPattern("audio/*")] }
        let page = Samples.server("a") { $0.isReverseProxy = true }
        let path = "/a/v1/audio/speech"
        for server in [open, page] {
            #expect(try heard(#"{"model":"small"}"#, path: path, servers: [server]).status == "403")
        }
    }

    @Test("A fallback that would be asked for another model is passed over")
    func checksFallbacks() throws {
        let a = Samples.server("a") { ($0.fallbacks, $0.retries) = (["b", "c"], 0) }
        let b = Samples.server("b") { $0.model = "large" }
        let c = Samples.server("c") { $0.model = "mini-1" }
        let heard = try heard(
            #"{"model":"small"}"#, [.init(outcome: .answer(500)), Self.ok], servers: [a, b, c])
        #expect(
            heard.calls.map(\.url) == [
                "https://a.example/v1/chat/completions", "https://c.example/v1/chat/completions",
            ])
        #expect(heard.calls.last?.body == #"{"model":"mini-1"}"#)
    }

    @Test(
        "One model is shown if it is allowed",
        arguments: [("small", "200"), ("mini-2", "200"), ("large", "403"), ("org/small", "403")])
    func checksOne(name: String, status: String) throws {
        #expect(try heard("", path: "/a/v1/models/\(name)", method: "GET").status == status)
    }

    @Test("A server that the key isn't for is refused, and no fallback goes there")
    func checksServers() throws {
        let a = Samples.server("a") { ($0.fallbacks, $0.retries) = (["b"], 0) }
        let settings = { (settings: inout Settings) in settings.virtualKeys[0].allowedServers = ["a"] }
        let refused = try Heard.of([a, Samples.server("b")], [], path: "/b/v1/chat/completions", settings: settings)
        #expect(refused.status == "403" && refused.body.contains(#""code":"server_not_allowed""#))
        let failed = try Heard.of([a, Samples.server("b")], [.init(outcome: .answer(500))], settings: settings)
        #expect(failed.calls.count == 1)
        let unknown = try Heard.of([a, Samples.server("b")], [], path: "/c/v1/chat/completions", settings: settings)
        #expect(unknown.body.contains("you may use: a."))
    }
}
