import JSONWebTokens
import Testing

@testable import Proxy

@Suite struct ModelCatalogTests {
    private static let servers = [
        Samples.server("a") { $0.modelAliases = ["fast": "small", "b": "large"] },
        Samples.server("b") { $0.model = nil },
        Samples.server("c") { $0.model = "" }, Samples.server("d"),
        Samples.server("e") { $0.missingVariables = ["E_TOKEN"] },
        Samples.server("page") { $0.isReverseProxy = true },
    ]
    private static let quick = NamedModel("quick", [.init(.model("fast", server: "a"))])

    @Test("The list has the names that this key may send back: the table's, then each server's models and aliases")
    func lists() throws {
        func ids(_ change: (inout Settings) -> Void = { _ in }) throws -> [String] {
            let heard = try Heard.of(Self.servers, [], method: "GET", path: "/v1/models", body: "") { settings in
                settings.models = [Self.quick, NamedModel("down", [.init(.model("x", server: "e"))])]
                change(&settings)
            }
            #expect(heard.status == "200" && heard.calls.isEmpty)
            return heard.body.split(separator: #""id":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
        }
        #expect(try ids() == ["quick", "a/a-model", "a/b", "a/fast", "c/", "d/d-model"])
        #expect(try ids { $0.virtualKeys[0].permissions.allowedServers = ["d"] } == ["d/d-model"])
        #expect(
            try ids { $0.virtualKeys[0].permissions.allowedModels = [ModelPattern("small")] } == ["quick", "a/fast"])
        #expect(try ids { $0.virtualKeys[0].permissions.allowedModels = [ModelPattern("fa*")] } == ["quick", "a/fast"])
        #expect(
            try ids { $0.virtualKeys[0].permissions.allowedModels = [ModelPattern("large"), ModelPattern("d-*")] } == [
                "a/b", "d/d-model",
            ])
        #expect(try ids { $0.virtualKeys[0].permissions.allowedModels = [ModelPattern("quick")] } == ["quick"])
        #expect(try Heard.of(Self.servers, [], method: "GET", path: "/v1/models", body: "", key: "no").status == "401")
        #expect(try Heard.of(Self.servers, [], path: "/v1/models").status == "405")
    }

    @Test(
        "Each listed name is found by itself, and so is what can be sent without being listed",
        arguments: [("quick", "a"), ("a/fast", "a"), ("a%2Ffast", "a"), ("a/other", "a"), ("d/org%2Fx", "d")])
    func finds(name: String, server: String) throws {
        let id = name.split(separator: "%2F").joined(separator: "/")
        for path in ["/v1/models/\(name)", "//v1/models//\(name)/"] {
            let heard = try Heard.of(Self.servers, [], method: "GET", path: path, body: "") { $0.models = [Self.quick] }
            let entry = #"{"id":"\#(id)","object":"model","created":0,"owned_by":"\#(server)"}"#
            #expect(heard.status == "200" && heard.body == entry && heard.calls.isEmpty)
            #expect(heard.fields["cache-control"] == "private, no-store")
        }
    }

    @Test(
        "What a key may not use isn't found, and neither is what there isn't", arguments: ["d/x", "quick", "x", "e/x"])
    func hides(name: String) throws {
        let heard = try Heard.of(Self.servers, [], method: "GET", path: "/v1/models/\(name)", body: "") { settings in
            settings.models = [Self.quick]
            settings.virtualKeys[0].permissions.allowedServers = ["c"]
        }
        #expect(heard.status == "404" && heard.body.contains(#""code":"model_not_found""#))
        #expect(!heard.body.contains("'a/") && !heard.body.contains("'d/d"))
    }
}

@Suite struct WebPageTests {
    private static let page = page(nil)

    private static func page(_ login: TokenIssuer.Login?) -> WebPage {
        WebPage(
            head: Array("<html>".utf8), style: Array("s".utf8), body: Array("</style>".utf8),
            script: Array("x".utf8), end: Array("</script>".utf8), login: login)
    }

    private static func login(_ tokenURL: String, clientID: String = "c") -> TokenIssuer.Login {
        .init(
            authorizeURL: "https://a.example/authorize", tokenURL: tokenURL, clientID: clientID, scope: "openid",
            token: .access)
    }

    @Test("Whether the program runs is told to anybody, and nobody else is asked")
    func tellsHealth() throws {
        let heard = try Heard.of([Samples.server("a")], [], method: "GET", path: "/health", body: "", key: "")
        #expect(heard.status == "200" && heard.body == #"{"status":"ok"}"# && heard.calls.isEmpty)
        #expect(try Heard.of([Samples.server("a")], [], path: "/health", key: "").status == "405")
        #expect(heard.records.allSatisfy { $0.hasPrefix(#"{"level":"DEBUG""#) && !$0.contains("_aws") })
    }

    @Test(
        "The proxy's address tells browsers and programs what this is, and nothing of its table",
        arguments: [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true), ("TEXT/HTML;q=0.9", true), ("*/*", false),
            ("application/json, text/html", false), ("", false),
        ])
    func introduces(accept: String, isPage: Bool) throws {
        for path in ["/", "//"] {
            let heard = try Heard.of(
                [Samples.server("a")], [], method: "GET", path: path, body: "", key: "", accept: accept)
            #expect(heard.status == "200" && heard.calls.isEmpty && heard.fields["vary"] == "accept")
            #expect(heard.fields["content-type"] == (isPage ? "text/html; charset=utf-8" : "application/json"))
            #expect(heard.body.hasPrefix(isPage ? "<!doctype html>" : #"{"name":"#))
            #expect(!["a-model", "key-web", "playground", "/a/"].contains { heard.body.contains($0) })
        }
        #expect(try Heard.of([Samples.server("a")], [], path: "/", key: "").status == "405")
    }

    @Test("A page allows its own style and script, and nothing else")
    func limitsPages() {
        // echo -n s | openssl dgst -sha256 -binary | base64
        #expect(
            Self.page.policy
                == "default-src 'none'; style-src 'sha256-BDpxh3TFcr2KJa2+sb/NXAJWrhHOz5+cP5JdDlK+r4k='; "
                + "script-src 'sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='; connect-src 'self'; "
                + "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        #expect(String(decoding: Self.page.body, as: UTF8.self) == "<html><style>s</style><script>x</script>")
    }

    @Test("A page for users who log in has the login as data that can't become markup")
    func carriesLogin() {
        let page = Self.page(Self.login("https://t.example/token", clientID: "</script><b>\""))
        #expect(
            String(decoding: page.body, as: UTF8.self)
                == "<html><style>s</style><script type=\"application/json\" id=\"login-data\">"
                + #"{"authorize_url":"https://a.example/authorize","token_url":"https://t.example/token","#
                + #""client_id":"\u003c/script>\u003cb>\"","scope":"openid","token":"access"}"#
                + "</script>\n<script>x</script>")
    }

    @Test(
        "A page may call the origin of its login's token URL, and its policy can't be extended through that",
        arguments: [
            ("https://t.example/token", "'self' https://t.example"), ("https://t.example", "'self' https://t.example"),
            ("http://127.0.0.1:9400/token", "'self' http://127.0.0.1:9400"),
            ("http://[::1]:9400/token?a=/", "'self' http://[::1]:9400"),
            ("https://t.example;script-src *//x", "'self'"), ("https://t.example, *", "'self'"),
            ("https://t.example 'unsafe-inline'/", "'self'"), ("https://u@t.example/", "'self'"),
            ("t.example/token", "'self'"), ("", "'self'"), ("https:/t.example/token", "'self'"),
        ])
    func limitsLogin(tokenURL: String, sources: String) {
        let plain = Self.page.policy.replacing("connect-src 'self'", with: "connect-src \(sources)")
        #expect(Self.page(Self.login(tokenURL)).policy == plain)
    }

    @Test("The playground is served where it is switched on, without a key")
    func servesPlayground() throws {
        func heard(_ method: String = "GET", isOn: Bool = true) throws -> Heard {
            try Heard.of(
                [Samples.server("a")], [], method: method, path: "/playground", body: "", key: "",
                playground: isOn ? Self.page : nil)
        }
        let page = try heard()
        #expect(page.status == "200" && page.body == "<html><style>s</style><script>x</script>")
        #expect(page.fields["content-security-policy"] == Self.page.policy)
        #expect(try heard("POST").status == "405" && heard(isOn: false).status == "401")
        let overview = try Heard.of(
            [Samples.server("a")], [], method: "GET", path: "/", body: "", key: "", playground: Self.page)
        #expect(overview.body.contains("GET /playground"))
    }
}
