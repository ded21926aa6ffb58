import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct CacheableRequestTests {
    /// What a request is made of.
    private struct Sent {
        var body = #"{"model":"gpt","messages":[]}"#
        var path = "/a/v1/chat/completions"
        var query = ""
        var fields: HTTPFields = [:]
        var caller = Caller.client(Samples.web)
        var server = Samples.server("a")
        var policy = CachePolicy()

        init(_ change: (inout Sent) -> Void = { _ in }) { change(&self) }

        init(_ body: String, at endpoint: String = "chat/completions") {
            (self.body, path) = (body, "/a/v1/\(endpoint)")
        }

        func key() throws -> CacheKey? {
            let invocation = try #require(
                Invocation(fields: [.known("Lambda-Runtime-Aws-Request-Id"): "id-1"], payload: []))
            let context = RequestContext(invocation, .functionURL, Cancellation(), margin: 0, at: 0)
            context.isFrom(caller)
            let bytes = Array(body.utf8)
            let table = Samples.table([server], anonymous: true)
            let route = try Router(table).route(
                .post, RequestTarget(path: path, query: query), body, for: caller)
            let event = HTTPEvent(method: .post, path: path, query: query, fields: fields, body: bytes)
            let request = UpstreamRequest(event, try RequestBody(bytes, for: route), Samples.meter(), context)
            return CacheableRequest.key(of: request, along: route, by: policy)
        }
    }

    private static func client(_ id: String, _ caching: CallerCaching = .asServer) -> Caller {
        var key = Samples.web
        (key.id, key.permissions.caching) = (id, caching)
        return .client(key)
    }

    @Test(
        "These bodies ask for the same",
        arguments: [
            (
                "chat/completions",
                [
                    #"{"model":"m","messages":[{"role":"user","content":"é/"}],"temperature":1}"#,
                    #" {"temperature" : 1.0, "messages":[{"content":"\u00e9\/","role":"user"}],"model":"m"}"#,
                    #"{"model":"m","messages":[{"role":"user","content":"é/"}],"temperature":10e-1,"stream":false}"#,
                    #"{"model":"m","messages":[{"role":"user","content":"é/"}],"temperature":1,"user":"u","metadata":{"a":1}}"#,
                    #"{"model":"m","messages":[{"role":"user","content":"é/"}],"temperature":1,"safety_identifier":"u","prompt_cache_key":"k","prompt_cache_retention":"24h"}"#,
                ]
            ),
            // The alias, the model that it stands for, and the server's own model.
            ("chat/completions", [#"{"model":"fast"}"#, #"{"model":"a-model"}"#, "{}"]),
            ("completions", [#"{"model":"m","prompt":"x"}"#, #"{"model":"m","prompt":"x","user":"u"}"#]),
            ("embeddings", [#"{"model":"m","input":"x"}"#, #"{"model":"m","input":"x","user":"u"}"#]),
            ("moderations", [#"{"input":"x"}"#, #"{"input":"x","metadata":{}}"#]),
            ("responses", [#"{"model":"m","input":"x"}"#, #"{"input":"x","stream":false,"model":"m"}"#]),
        ])
    func isSame(endpoint: String, bodies: [String]) throws {
        let keys = try bodies.map { body in
            var sent = Sent(body, at: endpoint)
            sent.server.modelAliases = ["fast": "a-model"]
            return try #require(try sent.key())
        }
        #expect(Set(keys).count == 1)
    }

    @Test(
        "These bodies ask for different things",
        arguments: [
            (
                "chat/completions",
                [
                    #"{"model":"m"}"#, #"{"model":"m2"}"#, #"{"model":"m","stream":true}"#, #"{"model":"m","n":2}"#,
                    #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#, #"{"model":"m","seed":1}"#,
                    #"{"model":"m","messages":[{"content":"a"}]}"#, #"{"model":"m","messages":[{"content":"a "}]}"#,
                    #"{"model":"m","messages":[{"content":"a","user":"u"}]}"#, #"{"model":"m","User":"u"}"#,
                    #"{"model":"m","service_tier":"flex"}"#,
                ]
            ),
            // The response repeats these.
            (
                "responses",
                [
                    #"{"model":"m"}"#, #"{"model":"m","user":"u"}"#, #"{"model":"m","metadata":{"a":"1"}}"#,
                    #"{"model":"m","safety_identifier":"u"}"#, #"{"model":"m","prompt_cache_key":"k"}"#,
                    #"{"model":"m","previous_response_id":"r"}"#,
                ]
            ),
        ])
    func isDifferent(endpoint: String, bodies: [String]) throws {
        let keys = try bodies.map { try #require(try Sent($0, at: endpoint).key(), "\($0)") }
        #expect(Set(keys).count == bodies.count)
    }

    @Test("Everything beside the body that can change the response changes the key")
    func looksAround() throws {
        let forwarding: (inout Server) -> Void = { $0.forwardHeaders = [.known("x-tenant")] }
        let sent = [
            Sent(), Sent { $0.path = "/a/v1/completions" }, Sent { $0.query = "api-version=1" },
            Sent { $0.query = "api-version=2" }, Sent { $0.fields = [.known("openai-beta"): "x"] },
            Sent { $0.fields = [.known("openai-beta"): "y"] },
            Sent {
                forwarding(&$0.server)
                $0.fields = [.known("x-tenant"): "x"]
            },
            Sent { ($0.server, $0.path) = (Samples.server("b"), "/b/v1/chat/completions") },
            Sent { $0.server.urls = [WeightedURL("https://other.example/v1")] },
            Sent { $0.server.modelAliases = ["gpt": "gpt-4o"] },
        ]
        #expect(Set(try sent.map { try $0.key() }).count == sent.count)
    }

    @Test("What the server doesn't get, and how it is asked, doesn't change the key")
    func ignores() throws {
        let sent = [
            Sent(), Sent { $0.fields = [.known("x-tenant"): "x", .userAgent: "curl", .accept: "*/*"] },
            Sent { $0.fields = [.cacheControl: "max-age=5", .authorization: "Bearer key-web"] },
            Sent { $0.server.token = Secret("sk-new") }, Sent { $0.server.retries = 7 },
            Sent { ($0.policy.ttl, $0.policy.layers, $0.policy.replaysAtOriginalPace) = (1, [.tmp], true) },
        ]
        #expect(Set(try sent.map { try $0.key() }).count == 1)
    }

    @Test("Callers see their own responses, those of their namespace, or those of all")
    func separates() throws {
        func key(_ caller: Caller, isShared: Bool = false) throws -> CacheKey? {
            try Sent {
                ($0.caller, $0.policy.isShared) = (caller, isShared)
            }.key()
        }
        let callers: [Caller] = [
            Self.client("web"), Self.client("app"), Self.client("owner"), Self.client("anonymous"),
            Self.client("shared"), Self.client("namespace"), Self.client("web", .namespace("team")),
            Self.client("web", .namespace("web")), .owner(of: ["a"]), .anonymous,
        ]
        #expect(Set(try callers.map { try key($0) }).count == callers.count)
        // A namespace stays closed even where all others share.
        let team = [Self.client("web", .namespace("team")), Self.client("app", .namespace("team"))]
        #expect(Set(try team.flatMap { [try key($0), try key($0, isShared: true)] }).count == 1)
        let others: [Caller] = [Self.client("web"), Self.client("app"), .owner(of: ["a"]), .anonymous]
        #expect(Set(try others.map { try key($0, isShared: true) }).count == 1)
        #expect(try key(Self.client("web"), isShared: true) != key(Self.client("web")))
        #expect(try key(Self.client("web"), isShared: true) != key(team[0]))
    }

    @Test(
        "A request that changes something at the provider has no key",
        arguments: [
            ("chat/completions", #""store":true"#, true), ("chat/completions", #""store":1"#, true),
            ("chat/completions", #""store":false"#, false), ("chat/completions", #""store":null"#, false),
            ("chat/completions", #""metadata":{"store":true}"#, false),
            ("responses", #""background":true"#, true), ("responses", #""background":false"#, false),
            ("responses", #""conversation":"c""#, true), ("responses", #""conversation":{"id":"c"}"#, true),
            ("responses", #""conversation":null"#, false), ("responses", #""store":true"#, false),
        ])
    func hasEffect(endpoint: String, member: String, isRefused: Bool) throws {
        #expect((try Sent(#"{"model":"m",\#(member)}"#, at: endpoint).key() == nil) == isRefused)
    }

    @Test(
        "With only_deterministic, a request needs temperature 0 or a seed, unless its kind has no chance in it",
        arguments: [
            ("chat/completions", "", false), ("chat/completions", #","temperature":0"#, true),
            ("chat/completions", #","temperature":-0.00e5"#, true), ("chat/completions", #","temperature":0.1"#, false),
            ("chat/completions", #","temperature":1e-9"#, false), ("chat/completions", #","temperature":"0""#, false),
            ("chat/completions", #","temperature":null"#, false), ("chat/completions", #","seed":7"#, true),
            ("chat/completions", #","seed":null"#, false), ("chat/completions", #","seed":"7""#, false),
            ("chat/completions", #","metadata":{"seed":7,"temperature":0}"#, false),
            ("responses", #","temperature":0"#, true), ("completions", #","seed":-1"#, true),
            ("completions", "", false), ("responses", "", false), ("embeddings", "", true), ("moderations", "", true),
        ])
    func isDeterministic(endpoint: String, members: String, isCached: Bool) throws {
        var sent = Sent("{\"model\":\"m\",\"input\":\"x\"\(members)}", at: endpoint)
        #expect(try sent.key() != nil)
        sent.policy.onlyDeterministic = true
        #expect((try sent.key() != nil) == isCached)
    }

    @Test("Only these kinds of requests have responses that can be used again")
    func isCacheable() {
        let all: [Operation] = [
            .chat, .textCompletion, .embeddings, .responses, .moderations, .models, .model, .health, .page, .other,
        ]
        #expect(all.filter(\.isCacheable) == [.chat, .textCompletion, .embeddings, .responses, .moderations])
    }
}
