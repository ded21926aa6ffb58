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
        Samples.server("star") { $0.endpoints = [EndpointPattern("*")] },
        Samples.server("claude") { $0.endpoints = [EndpointPattern("messages"), EndpointPattern("files/*")] },
    ]

    private func route(
        _ method: HTTPRequest.Method, _ path: String, query: String = "", caller: Caller = .client(Samples.web)
    ) throws -> Route {
        let target = try RequestTarget(path: path, query: query)
        return try Router(Samples.table(Self.servers)).route(method, target, for: caller)
    }

    @Test(
        "An open endpoint leads to the server's URL",
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
            (.post, "/star/v1/responses/compact", "https://star.example/v1/responses/compact"),
            (.get, "/star/v1/responses/r1/input_items", "https://star.example/v1/responses/r1/input_items"),
            (.get, "/star/v1/chat/completions/c1", "https://star.example/v1/chat/completions/c1"),
            (.get, "/star/v1/chat/completions/c1/messages", "https://star.example/v1/chat/completions/c1/messages"),
            (.delete, "/star/v1/models/models", "https://star.example/v1/models/models"),
            (.delete, "/star/v1/models/v1", "https://star.example/v1/models/v1"),
            (.get, "/star/v1/files/v1/content", "https://star.example/v1/files/v1/content"),
            (.post, "/star/v1/v2/rerank", "https://star.example/v1/v2/rerank"),
            (.post, "/star/v1/openai/chat/completions", "https://star.example/v1/openai/chat/completions"),
            (.post, "/star/v1/chat/completions;x", "https://star.example/v1/chat/completions;x"),
            (.post, "/claude/v1/messages", "https://claude.example/v1/messages"),
            (.post, "/page/v1/v1/messages", "https://page.example/v1/v1/messages"),
        ] as [(HTTPRequest.Method, String, String)])
    func routes(method: HTTPRequest.Method, path: String, url: String) throws {
        #expect(try route(method, path).url(at: 0) == url)
    }

    @Test("The query is forwarded", arguments: [("a", "/v1/models"), ("page", "/v1/models")])
    func keepsQuery(server: String, path: String) throws {
        #expect(try route(.get, "/\(server)\(path)", query: "limit=2").url(at: 0).hasSuffix("/v1/models?limit=2"))
    }

    private static let closed = [
        "/a/v1/files", "/a/v1/fine_tuning/jobs", "/a/v1/chat/completions/x", "/a/v1/chat", "/a/v1/messages",
        "/a/v1/chat/completions/c1/messages", "/a/v1/responses/r1/input_items", "/a/v1/responses/compact",
        "/claude/v1/chat/completions/c1/messages", "/claude/v1/chat/completions/audio/speech",
        "/open/v1/filesystem", "/open/v1/filesx/y", "/open/v1/audio/speech/x", "/open/v1/audio",
    ]
    private static let behindOtherBaseURL = [
        "/a", "/a/", "/a/v1", "/a/v1/", "/a/v1//", "/a/chat/completions", "/a/models", "/a/v2/chat/completions",
        "/a/V1/models", "/a/v1/v1/models", "/a/v1/v1/messages", "/a/v1/chat/completions/chat/completions",
        "/a/v1/chat/completions/models", "/a/v1/chat/completions/v1/messages", "/a/v1/responses/responses",
        "/a/v1/embeddings/completions", "/a/v1/models/chat/completions", "/a/v1/openai/chat/completions",
        "/a/openai/v1/chat/completions", "/a/openai/deployments/gpt/chat/completions", "/open/files",
        "/open/v1/v1/files", "/star/files",
        // Opened by the star.
        "/star/v1/v1", "/star/v1/v1/chat/completions", "/star/v1/v1/files", "/star/v1/v1/v1/models",
        "/star/v1/chat/completions/chat/completions", "/star/v1/chat/completions/models",
        "/star/v1/chat/completions/models/m", "/star/v1/chat/completions/v1/messages", "/star/v1/responses/responses",
        "/star/v1/embeddings/v1/embeddings", "/star/v1/models/chat/completions", "/star/v1/files/v1/chat/completions",
        "/star/v1/openai/v1/responses", "/open/v1/files/v1/chat/completions", "/open/v1/files/v1/models",
        // After another endpoint's path.
        "/claude/v1/chat/completions/messages", "/claude/v1/responses/files/f1", "/claude/v1/moderations/messages",
        "/claude/v1/completions/v1/messages", "/open/v1/chat/completions/audio/speech",
        // With a capital letter, or with a pasted space.
        "/a/v1/Models", "/a/v1/Chat/Completions", "/a/v1/chat/completions%20", "/a/v1/%20embeddings",
        "/a/v1/V1/messages", "/a/v1%20/models", "/a/%20v1/models", "/a/v1/RESPONSES/Chat/completions",
    ]

    @Test("An endpoint that isn't open is not found", arguments: closed)
    func hidesTheRest(path: String) {
        let behind = "/" + path.split(separator: "/").dropFirst().joined(separator: "/")
        let server = String(path.split(separator: "/")[0])
        #expect(throws: ProxyError.endpointNotOpen(server: server, path: behind)) { try route(.post, path) }
    }

    @Test("The error for a wrong base URL names the right one", arguments: behindOtherBaseURL)
    func tellsBaseURL(path: String) throws {
        let error = try #require(throws: ProxyError.self) { try route(.post, path) }
        let server = path.split(separator: "/")[0]
        #expect(error.code == "endpoint_not_open" && error.status == .notFound && error.fault == .caller)
        #expect(error.message.contains("followed by '/\(server)/v1'"))
    }

    @Test(
        "A star opens no path that repeats part of the base URL, whatever the method",
        arguments: [
            "/star/v1/v1/models", "/star/v1/chat/completions/models", "/star/v1/chat/completions/chat/completions",
            "/star/v1/responses/models/m", "/star/v1/files/v1/models",
        ])
    func tellsBaseURLForAnyMethod(path: String) {
        for method in [HTTPRequest.Method.get, .post, .delete, .put] {
            let error = #expect(throws: ProxyError.self) { try route(method, path) }
            #expect(error?.message.contains("followed by '/star/v1'") == true)
        }
    }

    @Test(
        "A client that appends '/v1' itself, such as Anthropic's SDK, is told a base URL without it",
        arguments: [
            ("/a/v1/v1/messages", true), ("/claude/v1/v1/messages", true), ("/a/v1/chat/completions/v1/messages", true),
            ("/a/openai/v1/chat/completions", true), ("/a/v1/chat/completions/chat/completions", false),
            ("/a/chat/completions", false), ("/a/v1", false), ("/a/v2/models", false),
        ])
    func tellsBaseURLWithoutVersion(path: String, isTold: Bool) throws {
        let error = try #require(throws: ProxyError.self) { try route(.post, path) }
        let server = path.split(separator: "/")[0]
        #expect(error.message.contains("'/\(server)/v1', or '/\(server)' if the client appends '/v1' itself") == isTold)
    }

    @Test(
        "An encoded slash is refused outside a model's name",
        arguments: [
            (.post, "/a/v1/models/x%2Fy"), (.delete, "/a/v1/models/x%2Fy"), (.head, "/a/v1/models/x%2Fy"),
            (.delete, "/open/v1/models/x%2Fy"), (.get, "/page/v1/models/x%2Fy"),
        ] as [(HTTPRequest.Method, String)])
    func refusesEncodedSlashes(method: HTTPRequest.Method, path: String) {
        #expect(throws: ProxyError.invalidPath("it has an encoded slash")) { try route(method, path) }
    }

    @Test(
        "The error for a wrong method lists the allowed ones",
        arguments: [
            (.get, "/a/v1/chat/completions", .post), (.delete, "/a/v1/models/x", .get), (.post, "/a/v1/models", .get),
            (.delete, "/a/v1/models", .get), (.delete, "/a/v1/models/org/name", .get),
            (.get, "/a/v1/completions/", .post),
        ] as [(HTTPRequest.Method, String, HTTPRequest.Method)])
    func refusesMethods(method: HTTPRequest.Method, path: String, allowed: HTTPRequest.Method) {
        #expect(throws: ProxyError.methodNotAllowed(method, allowed: [allowed])) { try route(method, path) }
    }

    @Test("The error for an unknown server lists those that the caller may use")
    func listsServers() {
        let all = ["/a/v1", "/open/v1", "/page", "/unset/v1", "/star/v1", "/claude/v1"]
        #expect(throws: ProxyError.unknownServer("x", baseURLs: all)) { try route(.post, "/x/v1/models") }
        #expect(throws: ProxyError.unknownServer("", baseURLs: ["/a/v1"])) {
            try route(.get, "/", caller: .owner(of: ["a"]))
        }
    }

    @Test(
        "An error's base URL is percent-encoded, and leads to its server",
        arguments: [
            ("my srv", "/my%20srv/v1"), ("50%25", "/50%2525/v1"), ("é?#", "/%C3%A9%3F%23/v1"), ("a;b=1", "/a;b=1/v1"),
        ])
    func encodesBaseURLs(name: String, path: String) throws {
        let router = Router(Samples.table([Samples.server(name)]))
        func error(_ path: String) throws -> ProxyError {
            let target = try RequestTarget(path: path, query: "")
            return try #require(throws: ProxyError.self) { try router.route(.post, target, for: .anonymous) }
        }
        #expect(try error("/x").message.contains("followed by '\(path)'. "))
        #expect(try error("\(path)/v1/models").message.contains("followed by '\(path)', or"))
        #expect(try error("\(path)/files").message.contains("The path is \(path)/<endpoint>"))
    }

    @Test(
        "A base URL without a server is told those that the caller may use",
        arguments: ["/nosuch/v1/chat/completions", "/api/chat/completions", "/", "//", "/openai/a/v1/models"])
    func tellsBaseURLs(path: String) throws {
        for caller in [Caller.owner(of: ["a", "page"]), .anonymous] {
            let error = try #require(throws: ProxyError.self) { try route(.post, path, caller: caller) }
            #expect(error.code == "unknown_server" && error.status == .notFound)
            let bases = caller == .anonymous ? "'/a/v1' or '/open/v1' or '/page' or" : "'/a/v1' or '/page'."
            #expect(
                error.message.contains(
                    "To use one that you have access to, set the client's base URL to this proxy's address followed by \(bases)"
                ))
            #expect(!error.message.contains(" key"))
        }
    }

    @Test("The token of one server gives access to no other")
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

    @Test("The table's model is filled in on endpoints that generate or embed")
    func choosesModel() throws {
        #expect(try route(.post, "/a/v1/chat/completions").body == .json(model: "a-model"))
        #expect(try route(.post, "/a/v1/moderations").body == .json(model: nil))
        #expect(try route(.post, "/open/v1/audio/speech").body == .opaque)
        #expect(try route(.post, "/page/v1/chat/completions").body == .opaque)
    }

    @Test("A stream has an end mark only on endpoints that define one")
    func knowsStreamEnds() throws {
        #expect(try route(.post, "/a/v1/chat/completions").streamEnd == .done)
        #expect(try route(.post, "/a/v1/completions").streamEnd == .done)
        #expect(try route(.post, "/a/v1/responses").streamEnd == .response)
        #expect(try route(.post, "/a/v1/embeddings").streamEnd == .unmarked)
        #expect(try route(.post, "/open/v1/files/f1").streamEnd == .unmarked)
        #expect(try route(.post, "/page/v1/chat/completions").streamEnd == .unmarked)
    }
}
