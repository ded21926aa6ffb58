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
            (.get, "/a/v1/models/org%2Fname", "https://a.example/v1/models/org%2Fname"),
            (.get, "/a/v1/models/org%2fname%3Atag", "https://a.example/v1/models/org%2fname%3Atag"),
            (.get, "/a/v1/models/org/sub%2Fname", "https://a.example/v1/models/org/sub%2Fname"),
            (.get, "//a//v1//models///org//name/", "https://a.example/v1/models/org/name"),
            (.post, "/a//v1/chat/completions/", "https://a.example/v1/chat/completions"),
            (.post, "/open/v1//audio///speech/", "https://open.example/v1/audio/speech"),
            (.post, "/open/v1/files", "https://open.example/v1/files"),
            (.get, "/open/v1/files/", "https://open.example/v1/files"),
            (.get, "/open/v1/files/f1/content", "https://open.example/v1/files/f1/content"),
            (.get, "/page//x//y//", "https://page.example//x//y//"), (.get, "//page", "https://page.example/"),
            (.get, "//page//", "https://page.example//"), (.get, "/page/x%2e;y", "https://page.example/x%2e;y"),
        ] as [(HTTPRequest.Method, String, String)])
    func routes(method: HTTPRequest.Method, path: String, url: String) throws {
        #expect(try route(method, path).url(at: 0) == url)
    }

    @Test("The query goes along", arguments: [("a", "/v1/models"), ("page", "/v1/models")])
    func keepsQuery(server: String, path: String) throws {
        #expect(try route(.get, "/\(server)\(path)", query: "limit=2").url(at: 0).hasSuffix("/v1/models?limit=2"))
    }

    private static let closed = [
        "/a/v1/files", "/a/v1/fine_tuning/jobs", "/a/v1/chat/completions/x", "/a/v1/chat", "/a/v1/Models",
        "/a/v1/messages",
        "/open/v1/filesystem", "/open/v1/filesx/y", "/open/v1/audio/speech/x", "/open/v1/audio",
    ]
    private static let behindOtherBaseURL = [
        "/a", "/a/", "/a/v1", "/a/v1/", "/a/v1//", "/a/chat/completions", "/a/models", "/a/v2/chat/completions",
        "/a/V1/models", "/a/v1/v1/models", "/a/v1/v1/messages", "/a/v1/chat/completions/chat/completions",
        "/a/v1/chat/completions/models", "/a/v1/chat/completions/v1/messages", "/a/v1/responses/responses",
        "/a/v1/embeddings/completions", "/a/v1/models/chat/completions", "/a/v1/openai/chat/completions",
        "/a/openai/v1/chat/completions", "/a/openai/deployments/gpt/chat/completions", "/open/files",
        "/open/v1/v1/files",
    ]

    @Test("What is not open is not found", arguments: closed)
    func hidesTheRest(path: String) {
        let behind = "/" + path.split(separator: "/").dropFirst().joined(separator: "/")
        let server = String(path.split(separator: "/")[0])
        #expect(throws: ProxyError.endpointNotOpen(server: server, path: behind)) { try route(.post, path) }
    }

    @Test("What stands behind a base URL that is none is told the right one", arguments: behindOtherBaseURL)
    func tellsBaseURL(path: String) throws {
        let error = try #require(throws: ProxyError.self) { try route(.post, path) }
        let server = path.split(separator: "/")[0]
        #expect(error.code == "endpoint_not_open" && error.status == .notFound && error.fault == .caller)
        #expect(error.message.contains("followed by '/\(server)/v1'"))
    }

    @Test(
        "An encoded slash is refused where something else than a model may be meant",
        arguments: [
            (.post, "/a/v1/models/x%2Fy"), (.delete, "/a/v1/models/x%2Fy"), (.head, "/a/v1/models/x%2Fy"),
            (.delete, "/open/v1/models/x%2Fy"), (.get, "/page/v1/models/x%2Fy"),
        ] as [(HTTPRequest.Method, String)])
    func refusesEncodedSlashes(method: HTTPRequest.Method, path: String) {
        #expect(throws: ProxyError.invalidPath("it has an encoded slash")) { try route(method, path) }
    }

    @Test(
        "A method that an endpoint doesn't take is refused with those that it takes",
        arguments: [
            (.get, "/a/v1/chat/completions", .post), (.delete, "/a/v1/models/x", .get), (.post, "/a/v1/models", .get),
            (.delete, "/a/v1/models", .get), (.delete, "/a/v1/models/org/name", .get),
            (.get, "/a/v1/completions/", .post),
        ] as [(HTTPRequest.Method, String, HTTPRequest.Method)])
    func refusesMethods(method: HTTPRequest.Method, path: String, allowed: HTTPRequest.Method) {
        #expect(throws: ProxyError.methodNotAllowed(method, allowed: [allowed])) { try route(method, path) }
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

    @Test(
        "A base URL without a server is told those that the key may use",
        arguments: [
            "/v1/chat/completions", "/chat/completions", "/v1", "/", "//", "/v1/a/chat/completions",
            "/openai/a/v1/models",
        ])
    func tellsBaseURLs(path: String) throws {
        let error = try #require(throws: ProxyError.self) { try route(.post, path, caller: .owner(of: ["a", "open"])) }
        #expect(error.code == "unknown_server" && error.status == .notFound)
        #expect(error.message.contains("With this key you may use: a, open. "))
        #expect(error.message.hasSuffix("this proxy's address followed by '/a/v1' or '/open/v1'."))
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
