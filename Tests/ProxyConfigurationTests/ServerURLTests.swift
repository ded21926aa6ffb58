import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct ServerURLTests {
    @Test(
        "A URL is given alone, in a list, or with a weight",
        arguments: [
            ("url: http://a/v1/", [WeightedURL("http://a/v1")]),
            ("api_base: [http://a]", [WeightedURL("http://a")]),
            ("url: [http://a, 'https://b/v1//']", [WeightedURL("http://a"), WeightedURL("https://b/v1")]),
            ("url: [http://a/v1, http://a/v2]", [WeightedURL("http://a/v1"), WeightedURL("http://a/v2")]),
            (
                "url: [{url: http://a, weight: 3}, http://b]",
                [WeightedURL("http://a", weight: 3), WeightedURL("http://b")]
            ),
            ("url: [{url: http://a, weight: '1000'}]", [WeightedURL("http://a", weight: 1000)]),
            ("url: [{url: http://a}]", [WeightedURL("http://a")]),
            (
                "url: ['http://a:65535/v1', 'http://[::1]:80', 'http://[::1]/v1']",
                [WeightedURL("http://a:65535/v1"), WeightedURL("http://[::1]:80"), WeightedURL("http://[::1]/v1")]
            ),
            (
                "url: ['http://${H}', {url: '${U:-http://b}', weight: '${W}'}]",
                [WeightedURL("http://h"), WeightedURL("http://b", weight: 7)]
            ),
        ] as [(String, [WeightedURL])])
    func readsURLs(line: String, urls: [WeightedURL]) throws {
        #expect(try load("a:\n  \(line)", ["H": "h", "W": "7"]).table.servers[0].urls == urls)
    }

    @Test("URLs with missing variables aren't taken for duplicates")
    func keepsIncompleteURLs() throws {
        let server = try load("a: {url: ['${X}', {url: '${Y}'}]}").table.servers[0]
        #expect(server.urls.count == 2)
        #expect(server.missingVariables == ["X", "Y"])
    }

    private static let refused = [
        Refusal("a:\n  url: []", 2, "'url' is an empty list; add at least one URL"),
        Refusal("a:\n  url:", 2, "'url' is missing"),
        Refusal("a:\n  url: http://h:99999/v1", 2, "must have a host, optionally followed by a port from 1 to 65535"),
        Refusal("a:\n  url: http://h:0", 2, "must have a host, optionally followed by a port"),
        Refusal("a:\n  url: http://h:+1", 2, "must have a host, optionally followed by a port"),
        Refusal("a:\n  url: 'http://h:'", 2, "must have a host, optionally followed by a port"),
        Refusal("a:\n  url: http://a:b/v1", 2, "must have a host, optionally followed by a port"),
        Refusal("a:\n  url: https://:443/v1", 2, "must have a host, optionally followed by a port"),
        Refusal("a:\n  url: 'http://[::1/v1'", 2, "must have a host, optionally followed by a port"),
        Refusal("a:\n  url: 'http://[::1]8'", 2, "must have a host, optionally followed by a port"),
        Refusal("a:\n  url: {url: http://a}", 2, "must be a URL or a list of URLs"),
        Refusal("a:\n  url:\n    - http://a\n    - ftp://b", 4, "'url' must begin with https://"),
        Refusal("a:\n  url:\n    - http://a\n    -", 4, "'url' must begin with https://"),
        Refusal("a:\n  url:\n    - http://a\n    - [http://b]", 4, "must not have a list inside its list"),
        Refusal("a:\n  url:\n    - http://a/v1\n    - http://b\n    - url: http://a/v1/", 5, "has the same URL twice"),
        Refusal("a:\n  url:\n    - weight: 2", 3, "a URL of server 'a': 'url' is missing"),
        Refusal(
            "a:\n  url:\n    - url: http://a\n      wieght: 2", 4, "a URL of server 'a' has an unknown key 'wieght'"),
        Refusal("a:\n  url:\n    - url: http://u:p@a\n      weight: 2", 3, "a URL of server 'a': 'url' must not have"),
        Refusal(
            "a:\n  url:\n    - url: http://a\n      weight: 0", 4, "'weight' must be a whole number from 1 to 1000"),
        Refusal("a:\n  url: [{url: http://a, weight: 1001}]", 2, "'weight' must be a whole number from 1 to 1000"),
        Refusal("a:\n  url: [{url: http://a, weight: 1.5}]", 2, "'weight' must be a whole number from 1 to 1000"),
        Refusal("a:\n  url: [{url: http://a, weight: much}]", 2, "'weight' must be a whole number from 1 to 1000"),
        Refusal("a:\n  url: [http://a]\n  api_base: http://a", 3, "has 'url' twice, once as 'api_base'"),
    ]

    @Test(
        "A URL that ends in an endpoint is refused in any spelling",
        arguments: [
            ("https://api.example/v1/chat/completions", "chat/completions"),
            ("https://h/chat/completions/", "chat/completions"),
            ("https://h/v1//Chat/Completions//", "chat/completions"),
            ("https://h/v1/chat//completions", "chat/completions"),
            ("https://h/v1/completions", "completions"), ("https://h/v1/embeddings/", "embeddings"),
            ("https://h/v1/RESPONSES", "responses"), ("https://h/v1/models", "models"), ("https://h/v4/chat", "chat"),
            ("https://h/v1beta/openai/models/", "models"), ("https://h/anthropic/v1/messages", "messages"),
            ("https://h/v1/moderations", "moderations"), ("${H}/chat/completions", "chat/completions"),
            ("https://h/v1/audio/speech", "audio/speech"), ("https://h/audio/Speech/", "audio/speech"),
            ("https://h/v1/audio/transcriptions", "audio/transcriptions"),
            ("https://h/v1/audio/translations", "audio/translations"),
            ("https://h/openai/v1/images/generations", "images/generations"),
            ("https://h/images/edits", "images/edits"),
            ("https://h/v1/images/variations", "images/variations"), ("https://h/v2/rerank", "rerank"),
            ("https://h/rerank/", "rerank"), ("https://h/completions", "completions"),
            ("https://h/openai/embeddings", "embeddings"), ("https://h/api/Responses//", "responses"),
            ("https://h/moderations", "moderations"), ("https://h/openai/deployments/x/completions", "completions"),
        ])
    func refusesEndpoints(url: String, endpoint: String) throws {
        let message = "'url' ends in '/\(endpoint)'; remove that, as in https://api.openai.com/v1"
        for (text, line) in [
            ("a:\n  token: t\n  url: \(url)", 3), ("a:\n  api_base: \(url)\n  token: t", 2),
            ("a:\n  url:\n    - http://x/v1\n    - \(url)", 4), ("a:\n  url:\n    - weight: 2\n      url: \(url)", 3),
        ] {
            for environment in [["H": "https://h/secret"], [:]] where !environment.isEmpty || !url.contains("$") {
                let error = try #require(throws: ConfigurationError.self) { try load(text, environment) }
                #expect(error.line == line && error.message.contains(message), "\(error)")
                #expect(!error.message.contains("secret"))
            }
            #expect(try load(text + "\n  reverse_proxy: true", ["H": "https://h"]).table.servers[0].isReverseProxy)
        }
    }

    @Test(
        "A URL that only looks like an endpoint is kept",
        arguments: [
            "https://x.services.ai.azure.com/models", "https://models/v1", "https://chat/v1",
            "https://h/completions/v1",
            "https://h/v1/chat-completions", "https://completions", "https://h/chat", "https://h/xchat/completions/v1",
            "https://h/messages", "https://h/api/models", "https://rerank", "https://embeddings/v1", "https://h/speech",
            "https://h/v1/rerankers", "https://h/responses-api", "https://h/my-completions", "https://h/audio",
            "https://h/models/org/name/v1", "https://h/v1/chatter/completions2", "https://chat/completions2",
        ])
    func keepsOtherURLs(url: String) throws {
        #expect(try load("a: {url: '\(url)'}").table.servers[0].urls == [WeightedURL(url)])
    }

    @Test(
        "The error for a URL with an endpoint and a query mentions both",
        arguments: [
            ("https://x.openai.azure.com/openai/deployments/x/chat/completions?api-version=1", "chat/completions"),
            ("https://h/v1/Responses/?x=secret", "responses"), ("https://h/v1/embeddings#x", "embeddings"),
            ("https://h/v1/audio/speech?a=/v1/models", "audio/speech"), ("https://h/v1?x=/chat/completions", nil),
            ("https://h/models?x=1", nil),
        ] as [(String, String?)])
    func refusesEndpointsWithQuery(url: String, endpoint: String?) throws {
        for text in ["a:\n  url: '\(url)'", "a:\n  api_base:\n    - '\(url)'", "a:\n  url:\n    - {url: '\(url)'}"] {
            let error = try #require(throws: ConfigurationError.self) { try load(text) }
            #expect(error.message.contains("must not have spaces, '?', '#'"))
            #expect(error.message.contains("ends in '/\(endpoint ?? "")") == (endpoint != nil), "\(error)")
            #expect(!error.message.contains("secret"))
        }
    }

    @Test("An invalid list of URLs is refused with the element's line", arguments: refused)
    func refuses(refusal: Refusal) throws { try refusal.expect() }
}
