import HTTPTypes
import Testing

@testable import Proxy

@Suite struct RouterTests {
    private static let servers = [
        Samples.server("a"),
        Samples.server("open") { $0.endpoints = [EndpointPattern("audio/speech"), EndpointPattern("files/*")] },
        Samples.server("page") {
            $0.urls = [WeightedURL("https://page.example")]
            $0.isReverseProxy = true
        },
        Samples.server("unset") { $0.missingVariables = ["A_TOKEN"] },
    ]

    private func route(
        _ method: HTTPRequest.Method, _ path: String, query: String = "", caller: Caller = .client(Samples.web)
    ) throws -> Route {
        let target = try RequestTarget(path: path, query: query)
        return try Router(Samples.table(Self.servers)).route(method, target, for: caller)
    }

    @Test(
        "What is open leads to the server's URL",
        arguments: [
            (.post, "/a/v1/chat/completions", "https://a.example/v1/chat/completions"),
            (.post, "/a/v1/completions", "https://a.example/v1/completions"),
            (.post, "/a/v1/embeddings", "https://a.example/v1/embeddings"),
            (.post, "/a/v1/responses", "https://a.example/v1/responses"),
            (.post, "/a/v1/moderations", "https://a.example/v1/moderations"),
            (.get, "/a/v1/models", "https://a.example/v1/models"),
            (.get, "/a/v1/models/gpt-4o", "https://a.example/v1/models/gpt-4o"),
            (.get, "/a/v1/models/org/name", "https://a.example/v1/models/org/name"),
            (.post, "/open/v1/audio/speech", "https://open.example/v1/audio/speech"),
            (.delete, "/open/v1/files/f1", "https://open.example/v1/files/f1"),
            (.get, "/page", "https://page.example/"), (.get, "/page/", "https://page.example/"),
            (.put, "/page/x/", "https://page.example/x/"),
            (.post, "/page/v1/chat/completions", "https://page.example/v1/chat/completions"),
        ] as [(HTTPRequest.Method, String, String)])
    func routes(method: HTTPRequest.Method, path: String, url: String) throws {
        #expect(try route(method, path).url(at: 0) == url)
    }

    @Test("The query goes along", arguments: [("a", "/v1/models"), ("page", "/v1/models")])
    func keepsQuery(server: String, path: String) throws {
        #expect(try route(.get, "/\(server)\(path)", query: "limit=2").url(at: 0).hasSuffix("/v1/models?limit=2"))
    }

    @Test(
        "What is not open is not found",
        arguments: [
            "/a", "/a/v1", "/a/chat/completions", "/a/v2/chat/completions", "/a/v1/files", "/a/v1/fine_tuning/jobs",
            "/a/v1/chat/completions/x", "/a/v1/chat", "/a/v1/Models", "/open/v1/files", "/open/v1/audio/speech/x",
        ])
    func hidesTheRest(path: String) {
        #expect {
            try route(.post, path)
        } throws: { error in
            guard case .endpointNotOpen = error as? ProxyError else { return false }
            return true
        }
    }

    @Test(
        "A method that an endpoint doesn't take is refused with those that it takes",
        arguments: [
            (.get, "/a/v1/chat/completions", .post), (.delete, "/a/v1/models/x", .get), (.post, "/a/v1/models", .get),
        ] as [(HTTPRequest.Method, String, HTTPRequest.Method)])
    func refusesMethods(method: HTTPRequest.Method, path: String, allowed: HTTPRequest.Method) {
        #expect(throws: ProxyError.methodNotAllowed(method, allowed: [allowed])) { try route(method, path) }
    }

    @Test("A trailing slash is an empty segment, but for a reverse proxy")
    func refusesTrailingSlash() {
        #expect(throws: ProxyError.invalidPath("it has an empty segment at its end")) {
            try route(.post, "/a/v1/chat/completions/")
        }
    }

    @Test("An unknown server is answered with those that the caller may use")
    func listsServers() {
        #expect(throws: ProxyError.unknownServer("x", usable: ["a", "open", "page", "unset"])) {
            try route(.post, "/x/v1/models")
        }
        #expect(throws: ProxyError.unknownServer("", usable: ["a"])) {
            try route(.get, "/", caller: .owner(of: ["a"]))
        }
    }

    @Test("The token of one server opens no other")
    func keepsServersApart() {
        #expect(throws: ProxyError.keyOfAnotherServer("open")) {
            try route(.get, "/open/v1/models", caller: .owner(of: ["a"]))
        }
    }

    @Test("A server whose variable isn't set says so")
    func reportsMissingVariables() {
        #expect(throws: ProxyError.misconfigured(server: "unset", variables: ["A_TOKEN"])) {
            try route(.get, "/unset/v1/models")
        }
    }

    @Test("The table's model is for endpoints that generate or embed")
    func choosesModel() throws {
        #expect(try route(.post, "/a/v1/chat/completions").body == .json(model: "a-model"))
        #expect(try route(.post, "/a/v1/moderations").body == .json(model: nil))
        #expect(try route(.post, "/open/v1/audio/speech").body == .opaque)
        #expect(try route(.post, "/page/v1/chat/completions").body == .opaque)
    }

    @Test("Only where an endpoint promises one, a stream has a mark at its end")
    func knowsStreamEnds() throws {
        #expect(try route(.post, "/a/v1/chat/completions").streamEnd == .done)
        #expect(try route(.post, "/a/v1/completions").streamEnd == .done)
        #expect(try route(.post, "/a/v1/responses").streamEnd == .response)
        #expect(try route(.post, "/a/v1/embeddings").streamEnd == .unmarked)
        #expect(try route(.post, "/open/v1/files/f1").streamEnd == .unmarked)
        #expect(try route(.post, "/page/v1/chat/completions").streamEnd == .unmarked)
    }
}
