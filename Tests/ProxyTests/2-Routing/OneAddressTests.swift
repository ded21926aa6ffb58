import HTTPTypes
import Testing

@testable import Proxy

/// Requests to the address that all servers share.
@Suite struct OneAddressTests {
    private static let servers = [
        Samples.server("a") { $0.modelAliases = ["al": "a-large"] },
        Samples.server("b") { $0.fallbacks = ["c"] },
        Samples.server("c") { $0.modelAliases = ["shared": "c-shared"] },
        Samples.server("any") { $0.model = nil },
        Samples.server("unset") { $0.missingVariables = ["A_TOKEN"] },
        Samples.server("page") { $0.isReverseProxy = true },
        Samples.server("aws") { $0.provider = .bedrock },
    ]
    private static let names = [
        NamedModel("fast", [.init(.model("a-model", server: "a"))]),
        NamedModel("chain", [.init(.model("x", server: "a")), .init(.model("", server: "b")), .init(.name("fast"))]),
        NamedModel(
            "drawn", [.init(.model("x", server: "a")), .init(.model("y", server: "b"), weight: 3)], isWeighted: true),
        NamedModel("nested", [.init(.name("chain"))]),
        NamedModel("twice", [.init(.name("fast")), .init(.model("a-model", server: "a")), .init(.name("chain"))]),
        NamedModel("a/al", [.init(.model("y", server: "c"))]),
        NamedModel("broken", [.init(.model("x", server: "unset")), .init(.model("y", server: "b"))]),
        NamedModel(
            "mixed", [.init(.model("x", server: "aws")), .init(.name("fast")), .init(.model("y", server: "b"))]),
        NamedModel("clouds", [.init(.model("x", server: "aws")), .init(.model("y", server: "aws"))]),
        NamedModel("down", [.init(.model("x", server: "unset"))]),
    ]

    private func routes(
        _ body: String, path: String = "/v1/chat/completions", query: String = "", random: Double = 0,
        servers: [Server] = servers, _ change: (inout VirtualKey) -> Void = { _ in }
    ) throws -> [String] {
        var table = Samples.table(servers)
        table.settings.models = Self.names
        table.settings.defaultModel = "fast"
        var key = Samples.web
        change(&key)
        let caller = Caller.client(key)
        let target = try RequestTarget(path: path, query: query)
        let router = Router(table, random: random)
        let deployment = try router.destination(.post, target, for: caller).deployment
        let text = try RequestBody(Array(body.utf8), as: .json(model: nil), deployment: deployment)
        let route = try caller.permitted(try router.route(.post, target, body, for: caller), target, text)
        return ([route] + route.fallbacks).map { route in
            let sent = String(decoding: text.bytes(for: route), as: UTF8.self)
            #expect(text.model(for: route).map { sent.contains("\"\($0)\"") } ?? !sent.contains("model"))
            return "\(route.server.name)/\(text.model(for: route) ?? "-")"
        }
    }

    @Test(
        "The model says which servers are asked, and for what",
        arguments: [
            ("a/a-model", ["a/a-model"]), ("a/other", ["a/other"]), ("a/org/name", ["a/org/name"]),
            ("any/x", ["any/x"]),
            // The server's own model, its aliases and its fallbacks.
            ("a/", ["a/a-model"]), ("c/shared", ["c/c-shared"]), ("b/b-model", ["b/b-model", "c/c-model"]),
            ("b/shared", ["b/shared", "c/c-shared"]),
            // Names of the table.
            ("fast", ["a/a-model"]), ("chain", ["a/x", "b/b-model", "a/a-model"]),
            ("nested", ["a/x", "b/b-model", "a/a-model"]), ("twice", ["a/a-model", "a/x", "b/b-model"]),
            ("drawn", ["a/x", "b/y"]),
            // A name of the table goes before a server's.
            ("a/al", ["c/y"]),
            // A server that misses a variable is left out if there is another.
            ("broken", ["b/y"]),
        ])
    func asks(model: String, servers: [String]) throws {
        #expect(try routes(#"{"model":"\#(model)","stream":true}"#) == servers)
        #expect(try routes(#"{"messages":[], "model" : "\#(model)"}"#, path: "/v1/responses") == servers)
    }

    @Test("A choice whose server doesn't have the endpoint is left out if there is another")
    func passesBy() throws {
        let body = #"{"model":"mixed"}"#
        #expect(try routes(body) == ["aws/x", "a/a-model", "b/y"])
        #expect(try routes(body, path: "/v1/embeddings") == ["aws/x", "a/a-model", "b/y"])
        #expect(try routes(body, path: "/v1/responses") == ["a/a-model", "b/y"])
        #expect(try routes(body, path: "/v1/completions") == ["a/a-model", "b/y"])
        #expect(throws: ProxyError.endpointNotSupported(server: "aws", "responses")) {
            try routes(#"{"model":"clouds"}"#, path: "/v1/responses")
        }
    }

    @Test("Weights decide anew each time")
    func draws() throws {
        #expect(try routes(#"{"model":"drawn"}"#, random: 0.5) == ["b/y", "a/x"])
        #expect(try routes(#"{"model":"drawn"}"#, random: 0.2) == ["a/x", "b/y"])
    }

    @Test("Without a model there is the default, but moderations need none", arguments: ["{}", #"{"model":""}"#])
    func fillsIn(body: String) throws {
        #expect(try routes(body) == ["a/a-model"])
        #expect(try routes(body, path: "/v1/moderations").first?.hasPrefix("a/") == true)
        #expect(throws: ProxyError.modelMissing(others: ["a/al", "c/c-model", "c/shared"])) {
            try routes(body) { $0.permissions.allowedServers = ["c"] }
        }
    }

    @Test(
        "Azure's clients name the model in the path",
        arguments: [
            ("/openai/deployments/fast/chat/completions", ["a/a-model"]),
            ("/openai/deployments/a/other/chat/completions", ["a/other"]),
            ("/openai/deployments/a%2Fother/embeddings", ["a/other"]),
            ("/openai/deployments/any/org%2Fname/completions", ["any/org/name"]),
        ])
    func takesDeployments(path: String, servers: [String]) throws {
        for body in ["{}", #"{"model":"c/shared"}"#, #"{"model":1}"#] {
            #expect(try routes(body, path: path, query: "api-version=2024-10-21") == servers)
        }
    }

    @Test(
        "A model in the path is checked like one in the body",
        arguments: [
            ("any/m:online", "tool_not_allowed"), ("any/m:free:Online", "tool_not_allowed"),
            ("any/@preset%2Fx", "model_not_allowed"), ("any/" + String(repeating: "m", count: 1021), "model_not_found"),
        ])
    func checksDeployments(model: String, code: String) throws {
        let named = model.replacing("%2F", with: "/")
        for (path, body) in [
            ("/openai/deployments/\(model)/chat/completions", #"{"model":"any/m"}"#),
            ("/v1/chat/completions", #"{"model":"\#(named)"}"#),
        ] {
            let error = try #require(throws: ProxyError.self) {
                try routes(body, path: path) { $0.permissions.allowedModels = [ModelPattern("*")] }
            }
            #expect(error.code == code)
        }
    }

    @Test("A path without a deployment is no request for the default")
    func needsDeployments() throws {
        for path in ["/openai/deployments", "/openai/deployments/embeddings", "/openai/deployments//embeddings"] {
            let error = try #require(throws: ProxyError.self) { try routes("{}", path: path) }
            #expect(error.code == "endpoint_not_open")
        }
        let error = try #require(throws: ProxyError.self) {
            try routes("{}", path: "/openai/deployments/chat/completions")
        }
        #expect(error.code == "model_not_found" && error.message.contains("'chat'"))
    }

    @Test("Only Azure's own parameter is left out of the query")
    func keepsQuery() throws {
        let router = Router(Samples.table(Self.servers))
        func url(_ path: String, _ query: String) throws -> String {
            let target = try RequestTarget(path: path, query: query)
            return try router.route(.post, target, #"{"model":"a/x"}"#, for: .client(Samples.web)).url(at: 0)
        }
        let azure = "/openai/deployments/a/x/chat/completions"
        #expect(try url(azure, "api-version=1") == "https://a.example/v1/chat/completions")
        #expect(try url(azure, "b=1&api-version=1&c") == "https://a.example/v1/chat/completions?b=1&c")
        #expect(try url("/v1/responses", "api-version=1") == "https://a.example/v1/responses?api-version=1")
        #expect(try url("/openai/responses", "api-version=1") == "https://a.example/v1/responses")
        #expect(throws: ProxyError.self) { try url("/openai/responses", "version=1") }
    }

    @Test("A reverse proxy named openai keeps its paths, and another server of that name its own")
    func leavesServers() throws {
        let caller = Caller.client(Samples.web)
        let azure = try RequestTarget(path: "/openai/deployments/d/chat/completions", query: "api-version=1")
        let own = try RequestTarget(path: "/openai/v1/chat/completions", query: "")
        let page = Samples.server("openai") { $0.isReverseProxy = true }
        let route = try Router(Samples.table([page])).route(.post, azure, "{}", for: caller)
        #expect(
            route.url(at: 0) == "https://openai.example/v1/deployments/d/chat/completions?api-version=1"
                && route.body == .opaque)
        let plain = try Router(Samples.table([Samples.server("openai")])).route(.post, own, "{}", for: caller)
        #expect(plain.url(at: 0) == "https://openai.example/v1/chat/completions" && plain.named == nil)
    }

    @Test(
        "A model that no server has, or none for this key, isn't found",
        arguments: ["gpt", "nosuch/x", "page/x", "any/", "a", "/", "/x", "A/x", "d\\u0000own", "c/c-model", "a/x"])
    func hides(model: String) throws {
        let isOpen = model == "c/c-model" || model == "a/x"
        let error = try #require(throws: ProxyError.self) {
            try routes(#"{"model":"\#(model)"}"#) { key in
                if isOpen {
                    (key.permissions.allowedServers, key.permissions.allowedModels) = (
                        ["a", "b"], [ModelPattern("a-*")]
                    )
                }
            }
        }
        #expect(error.code == "model_not_found" && error.status == .notFound && error.fault == .caller)
        #expect(!error.message.contains("c/shared") || !isOpen)
    }

    @Test("A model that can't be used until a variable is set says which")
    func tellsVariables() throws {
        for model in ["unset/x", "down"] {
            #expect(throws: ProxyError.misconfigured(server: "unset", variables: ["A_TOKEN"])) {
                try routes(#"{"model":"\#(model)"}"#)
            }
        }
    }

    @Test("A key's servers and models hold for every choice of a name")
    func obeysKeys() throws {
        func chain(_ change: (inout VirtualKey) -> Void) throws -> [String] {
            try routes(#"{"model":"chain"}"#, change)
        }
        #expect(try chain { $0.permissions.allowedServers = ["b"] } == ["b/b-model"])
        #expect(try chain { $0.permissions.allowedModels = [ModelPattern("a-*")] } == ["a/a-model"])
        // The name stands for all that it means.
        #expect(
            try chain { $0.permissions.allowedModels = [ModelPattern("chain")] } == ["a/x", "b/b-model", "a/a-model"])
        #expect(try routes(#"{"model":"a/al"}"#) { $0.permissions.allowedModels = [ModelPattern("y")] } == ["c/y"])
        // A server's own fallbacks are held against the list for themselves.
        #expect(try routes(#"{"model":"b/y"}"#) { $0.permissions.allowedModels = [ModelPattern("y")] } == ["b/y"])
    }

    @Test("The model must be a string, and no longer than any", arguments: ["1", "null", "[]", "{}"])
    func refusesOthers(model: String) throws {
        let error = try #require(throws: ProxyError.self) { try routes(#"{"model":\#(model)}"#) }
        #expect(error.status == .badRequest)
        let long = String(repeating: "a/", count: 500_000)
        let tooLong = try #require(throws: ProxyError.self) { try routes(#"{"model":"\#(long)"}"#) }
        #expect(tooLong.code == "model_not_found" && tooLong.message.utf8.count < 1000)
    }

    @Test(
        "The nearest names are told",
        arguments: [
            ("fats", "'fast'"), ("a-model", "'a/a-model'"), ("shared", "'c/shared'"), ("b-modl", "'b/b-model'"),
            ("zzzzzzzzzzzzzzzz", "'fast' or 'chain' or 'drawn'"),
        ])
    func suggests(model: String, names: String) throws {
        let error = try #require(throws: ProxyError.self) { try routes(#"{"model":"\#(model)"}"#) }
        #expect(error.message.contains("Try \(names)"))
    }

    @Test(
        "A wrong base URL is told the right one",
        arguments: [
            "/chat/completions", "/models", "/responses", "/models/gpt", "/V1/chat/completions", "/v1", "/v1/",
            "/v1/v1/chat/completions", "/v1/chat/completions/chat/completions", "/v1/Chat/Completions",
            "/v1/a/chat/completions", "/v1/a/v1/chat/completions", "/v1/V1/models", "/Chat/completions",
            "/openai/deployments/x/v1/models",
        ])
    func tellsBaseURL(path: String) throws {
        let error = try #require(throws: ProxyError.self) { try routes("{}", path: path) }
        #expect(error.code == "endpoint_not_open" && error.status == .notFound)
        #expect(error.message.contains("followed by '/v1'"))
    }

    @Test("What only a server's own path has is told where", arguments: ["/v1/files", "/v1/audio/speech", "/v1/x"])
    func tellsServersPath(path: String) throws {
        #expect(throws: ProxyError.endpointNotOpen(server: nil, path: path)) { try routes("{}", path: path) }
    }
}
