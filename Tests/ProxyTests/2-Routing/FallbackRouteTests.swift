import HTTPTypes
import Testing

@testable import Proxy

@Suite struct FallbackRouteTests {
    private func names(
        _ servers: [Server], _ path: String = "/a/v1/chat/completions", method: HTTPRequest.Method = .post,
        caller: Caller = .client(Samples.web)
    ) throws -> [String] {
        let target = try RequestTarget(path: path, query: "")
        let route = try Router(Samples.table(servers)).route(method, target, for: caller)
        #expect(!route.isFallback)
        #expect(route.fallbacks.allSatisfy { $0.isFallback && $0.fallbacks.isEmpty })
        return route.fallbacks.map(\.server.name)
    }

    private func server(
        _ name: String, _ fallbacks: [String] = [], _ change: (inout Server) -> Void = { _ in }
    ) -> Server {
        Samples.server(name) { server in
            server.fallbacks = fallbacks
            change(&server)
        }
    }

    @Test("Fallbacks come in order, each followed by its own, and none twice")
    func follows() throws {
        #expect(try names([server("a")]) == [])
        #expect(
            try names([
                server("a", ["b", "c"]), server("b", ["d"]), server("c", ["e", "d"]), server("d"), server("e"),
            ])
                == ["b", "d", "c", "e"])
        #expect(try names([server("a", ["b"]), server("b", ["c", "a"]), server("c", ["b"])]) == ["b", "c"])
        #expect(try names([server("a", ["a", "nowhere"])]) == [])
    }

    @Test("A server that can't take the request is skipped, but its fallbacks aren't")
    func passesOver() throws {
        let others = [
            server("unset", ["b"]) { $0.missingVariables = ["X"] }, server("page") { $0.isReverseProxy = true },
            server("b"),
        ]
        #expect(try names([server("a", ["unset", "page"])] + others) == ["b"])
        #expect(
            try names([server("a", ["b", "c"]), server("b"), server("c")], caller: .owner(of: ["a", "c"])) == ["c"])
    }

    @Test("Requests for one provider's models or files have no fallbacks")
    func staysWithProvider() throws {
        let speech = EndpointPattern("audio/speech")
        let servers = [server("a", ["b"]) { $0.endpoints = [speech] }, server("b") { $0.endpoints = [speech] }]
        #expect(try names(servers, "/a/v1/audio/speech") == [])
        let models = try RequestTarget(path: "/a/v1/models", query: "")
        let route = try Router(Samples.table(servers)).route(.get, models, for: .client(Samples.web))
        #expect(route.fallbacks.isEmpty)
        #expect(try names(servers) == ["b"])
    }

    @Test("A fallback's route is the same endpoint on its own URL, with its own model")
    func routes() throws {
        let target = try RequestTarget(path: "/a/v1/chat/completions", query: "x=1")
        let route = try Router(Samples.table([server("a", ["b"]), server("b")]))
            .route(.post, target, for: .client(Samples.web))
        let fallback = try #require(route.fallbacks.first)
        #expect(fallback.url(at: 0) == "https://b.example/v1/chat/completions?x=1")
        #expect(fallback.body == .json(model: "b-model"))
    }
}
