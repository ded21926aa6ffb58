import HTTPTypes
import Testing

@testable import Proxy

/// A key that is limited to certain models, by the name that the caller writes or the one that is sent.
@Suite struct AllowedModelsTests {
    private func heard(
        _ body: String, models: [String] = ["small", "mini-*"], path: String = "/a/v1/chat/completions",
        query: String = "", method: String = "POST", _ steps: [ScriptedTransport.Step] = [ok],
        servers: [Server] = [Samples.server("a") { $0.modelAliases = ["nick": "small", "small-nick": "large"] }]
    ) throws -> Heard {
        try Heard.of(servers, steps, method: method, path: path, query: query, body: body) { settings in
            settings.virtualKeys[0].permissions.allowedModels = models.map { ModelPattern($0) }
        }
    }

    private static let ok = ScriptedTransport.Step(
        outcome: .answer(200, [.contentType: "application/json"], #"{"choices":[]}"#))

    @Test(
        "Allowed models pass under any of their names",
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
        "Other models are refused before any server is asked, however they are written",
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

    /// What is allowed, what the caller asks for, and what is sent; nil if the request is refused.
    private static let aliases: [(allowed: String, name: String, sent: String?)] = [
        ("nick", "nick", "small"), ("ni*", "nick", "small"), ("small", "nick", "small"), ("sm*", "nick", "small"),
        ("nick", "small", nil), ("nick", "small-nick", nil), ("ni*", "small", nil), ("nick", "Nick", nil),
        ("nick", "nick ", nil), ("large", "large", "large"), ("é", "é", "accented"), ("é", "e\u{301}", nil),
        ("org/x", "org/x", "y"), ("x", "org/x", nil),
        // One alias stands for another's name, which isn't replaced again.
        ("first", "first", "second"), ("first", "second", nil), ("second", "first", "second"),
        ("third", "second", "third"), ("third", "first", nil),
    ]

    @Test("Allowing an alias doesn't allow the model that it stands for", arguments: aliases)
    func passesAliases(allowed: String, name: String, sent: String?) throws {
        let server = Samples.server("a") {
            $0.modelAliases = [
                "nick": "small", "small-nick": "large", "é": "accented", "org/x": "y", "first": "second",
                "second": "third",
            ]
        }
        let heard = try heard(#"{"model":"\#(name)"}"#, models: [allowed], servers: [server])
        let bodies = heard.calls.map(\.body)
        if let sent {
            #expect(heard.status == "200" && bodies == [#"{"model":"\#(sent)"}"#])
        } else {
            #expect(heard.status == "403" && bodies.isEmpty)
        }
    }

    @Test("An error names the model as the caller did, not the one that an alias stands for")
    func namesCallers() throws {
        let refused = try heard(#"{"model":"nick"}"#, models: ["mini"])
        #expect(refused.status == "403" && refused.body.contains("may not use the model 'nick'."))
        #expect(!refused.body.contains("small"))
        let one = try heard("", models: ["mini"], path: "/a/v1/models/nick", method: "GET")
        #expect(one.status == "403" && one.body.contains("'nick'") && !one.body.contains("small"))
    }

    @Test(
        "The table's own model may be an alias, and is allowed by either name",
        arguments: [(["nick"], "200"), (["small"], "200"), (["large"], "403")])
    func checksFilledInAliases(models: [String], status: String) throws {
        let server = Samples.server("a") { ($0.model, $0.modelAliases) = ("nick", ["nick": "small"]) }
        let heard = try heard("{}", models: models, servers: [server])
        #expect(heard.status == status && !heard.body.contains("small"))
        #expect(heard.calls.allSatisfy { $0.body == #"{"model":"small"}"# })
    }

    @Test("A 'model' among a tool's parameters doesn't choose the model")
    func passesTools() throws {
        let tool = #"{"function":{"parameters":{"properties":{"model":{}}}}}"#
        for tools in ["[\(tool)]", "[]", "null", #"[{"type":"function","parameters":{"model":1}}]"#] {
            #expect(try heard(#"{"model":"small","tools":\#(tools)}"#).status == "200")
        }
    }

    @Test("A body with two models is refused")
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
        "An error doesn't name the model that the table fills in",
        arguments: ["a-model", "nick", ""])
    func hidesFilledIn(model: String) throws {
        let server = Samples.server("a") { ($0.model, $0.modelAliases) = (model, ["nick": "large"]) }
        for body in ["{}", #"{"messages":[]}"#] {
            let refused = try heard(body, servers: [server])
            #expect(refused.status == "403" && refused.calls.isEmpty)
            #expect(
                refused.body.contains(
                    "The request names no model, and the key 'web' may not use the server's default model"))
            #expect(refused.body.contains(#""code":"model_not_allowed""#))
            for name in ["a-model", "nick", "large", "''"] { #expect(!refused.body.contains(name)) }
            #expect(refused.records.allSatisfy { !$0.contains("a-model") && !$0.contains("nick") })
        }
        #expect(try heard(#"{"model":""}"#, servers: [server]).body.contains("may not use the model ''."))
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

    @Test("A body that isn't read is refused, since its model can't be checked")
    func refusesUnread() throws {
        let open = Samples.server("a") { $0.endpoints = [EndpointPattern("audio/*")] }
        let page = Samples.server("a") { $0.isReverseProxy = true }
        let path = "/a/v1/audio/speech"
        for server in [open, page] {
            #expect(try heard(#"{"model":"small"}"#, path: path, servers: [server]).status == "403")
        }
    }

    @Test("A fallback that would get a model that isn't allowed is skipped")
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

    @Test("A fallback's own alias may be allowed; its own model must be allowed itself")
    func checksFallbackAliases() throws {
        let a = Samples.server("a") {
            ($0.fallbacks, $0.retries, $0.modelAliases) = (["b", "c", "d"], 0, ["fast": "a-1"])
        }
        // It isn't an alias at this server, so the server's own model would replace it.
        let b = Samples.server("b") { $0.retries = 0 }
        let c = Samples.server("c") { ($0.retries, $0.modelAliases) = (0, ["fast": "c-1"]) }
        let d = Samples.server("d") { ($0.model, $0.retries) = (nil, 0) }
        let down = ScriptedTransport.Step(outcome: .answer(500))
        func asked(_ models: [String]) throws -> [String] {
            let steps = [down, down, down, down]
            let heard = try heard(#"{"model":"fast"}"#, models: models, steps, servers: [a, b, c, d])
            return heard.calls.map { call in String(call.body.dropFirst(10).dropLast(2)) }
        }
        #expect(try asked(["fast"]) == ["a-1", "c-1", "fast"])
        #expect(try asked(["fast", "b-model"]) == ["a-1", "b-model", "c-1", "fast"])
        #expect(try asked(["a-1"]) == ["a-1"])
        #expect(try asked(["c-1"]) == [])
    }

    @Test(
        "A single model is shown if it is allowed",
        arguments: [("small", "200"), ("mini-2", "200"), ("large", "403"), ("org/small", "403")])
    func checksOne(name: String, status: String) throws {
        #expect(try heard("", path: "/a/v1/models/\(name)", method: "GET").status == status)
    }

    @Test("A server that the key may not use is refused, also as a fallback")
    func checksServers() throws {
        let a = Samples.server("a") { ($0.fallbacks, $0.retries) = (["b"], 0) }
        let settings = { (settings: inout Settings) in settings.virtualKeys[0].permissions.allowedServers = ["a"] }
        let refused = try Heard.of([a, Samples.server("b")], [], path: "/b/v1/chat/completions", settings: settings)
        #expect(refused.status == "403" && refused.body.contains(#""code":"server_not_allowed""#))
        let failed = try Heard.of([a, Samples.server("b")], [.init(outcome: .answer(500))], settings: settings)
        #expect(failed.calls.count == 1)
        let unknown = try Heard.of([a, Samples.server("b")], [], path: "/c/v1/chat/completions", settings: settings)
        #expect(unknown.body.contains("this proxy's address followed by '/a/v1'."))
    }
}
