import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct ServerKeysTests {
    @Test("Keys that are left out or empty have a server's defaults")
    func keepsDefaults() throws {
        #expect(try server("") == Server(name: "a", url: "http://a/v1"))
        #expect(
            try server(
                "  model_aliases:\n  fallbacks:\n  num_retries:\n  retry_on_status:\n  timeout:\n  commit_early:\n")
                == Server(name: "a", url: "http://a/v1"))
    }

    @Test("Model aliases are read, with variables in the models")
    func readsAliases() throws {
        let lines = "  model_aliases:\n    gpt-4o: big\n    'fast:1': ${FAST}\n    true: '${SMALL:-small}'\n"
        #expect(
            try server(lines, ["FAST": "f:1b"]).modelAliases == ["gpt-4o": "big", "fast:1": "f:1b", "true": "small"])
    }

    @Test("A server can open tools and stored data")
    func readsExtras() throws {
        let server = try server("  allowed_tools: [web_search*, '${T}']\n  allow_stored_data: true", ["T": "mcp"])
        #expect(server.allowedTools == [ModelPattern("web_search*"), ModelPattern("mcp")])
        #expect(server.allowsStoredData)
    }

    @Test("The number of retries is a whole number, quoted or not", arguments: [("0", 0), ("'10'", 10), ("${N}", 4)])
    func readsRetries(text: String, retries: Int) throws {
        #expect(try server("  num_retries: \(text)", ["N": "4"]).retries == retries)
    }

    @Test(
        "retry_on_status replaces the default, even with an empty list",
        arguments: [("[]", []), ("[400, 599]", [400, 599]), ("[429, '429', 503]", [429, 503]), ("['${S}']", [500])]
            as [(String, Set<Int>)])
    func readsStatuses(text: String, statuses: Set<Int>) throws {
        #expect(try server("  retry_on_status: \(text)", ["S": "500"]).retryStatuses == statuses)
    }

    @Test("A reverse proxy may have retries")
    func letsReverseProxiesRetry() throws {
        let server = try server("  reverse_proxy: true\n  num_retries: 1\n  retry_on_status: [503]")
        #expect(server.retries == 1)
        #expect(server.retryStatuses == [503])
    }

    @Test("The switches are read")
    func readsSwitches() throws {
        let server = try server("  commit_early: false\n  expects_done: False\n  preconnect: 'true'")
        #expect(!server.commitsEarly && !server.expectsDone && server.preconnects)
    }

    @Test("Endpoints are opened by path, and all of them by a star")
    func readsEndpoints() throws {
        let server = try server("  endpoints: [audio/speech, 'files/*', '/batches/', '*', '${E}']", ["E": "rerank"])
        #expect(
            server.endpoints == ["audio/speech", "files/*", "batches", "*", "rerank"].map { EndpointPattern($0) })
    }

    @Test(
        "An unusual path is opened as it is written",
        arguments: [
            "v2/rerank", "v1beta/models", "models/m:generate", ".well-known/x", "a..b", "a;b=1,c", "é", "files/*",
            "organization/usage", "v11", "~x/(y)",
        ])
    func readsUnusualEndpoints(path: String) throws {
        #expect(try server("  endpoints: ['\(path)']").endpoints == [EndpointPattern(path)])
    }

    /// The lines after a server's URL, from line 3.
    private static let refused: [(String, Int, String)] = [
        ("model_aliases: [x]", 3, "'model_aliases' must be a mapping from callers' model names"),
        ("model_aliases: x", 3, "'model_aliases' must be a mapping"),
        ("model_aliases:\n    a: b\n    '': c", 5, "'model_aliases' has an empty name"),
        ("model_aliases:\n    a: b\n    c: ''", 5, "'model_aliases' has no value for 'c'; name a model there"),
        ("model_aliases:\n    a: b\n    c:", 5, "'model_aliases' has no value for 'c'"),
        ("model_aliases:\n    a: b\n    c: '${C:-}'", 5, "'model_aliases' has no value for 'c'"),
        ("model_aliases:\n    a: [b]", 4, "'model_aliases' must be a single value"),
        ("model_aliases:\n    a: ${B", 4, "'model_aliases' has '${' without '}'"),
        ("model_aliases:\n    a: b\n    a: c", 5, "'a' is there twice, first on line 4"),
        ("model_aliases:\n    a: b\n  reverse_proxy: true", 3, "can't be combined with 'reverse_proxy'"),
        ("allowed_tools: [mcp]\n  reverse_proxy: true", 3, "'allowed_tools' can't be combined with 'reverse_proxy'"),
        (
            "allow_stored_data: true\n  reverse_proxy: true", 3,
            "'allow_stored_data' can't be combined with 'reverse_proxy'"
        ),
        ("allowed_tools: []", 3, "'allowed_tools' is empty; list types of tools"),
        (
            "endpoints:\n    - audio/speech\n    - files*", 5,
            "'endpoints' has 'files*', but '*' must be the whole last"
        ),
        ("endpoints: ['*/content']", 3, "has '*/content', but '*' must be the whole last segment"),
        ("endpoints: ['files/*/content']", 3, "but '*' must be the whole last segment, as in 'files/*'"),
        ("endpoints: ['**']", 3, "but '*' must be the whole last segment"),
        ("endpoints: ['files/*.json']", 3, "but '*' must be the whole last segment"),
        ("endpoints: [v1/files]", 3, "has 'v1/files', but paths begin after '/v1'"),
        ("endpoints: ['/v1/files/*']", 3, "but paths begin after '/v1'; remove it"),
        ("endpoints: ['']", 3, "has '', which is not a path"), ("endpoints: [/]", 3, "has '/', which is not a path"),
        ("endpoints:\n    - files\n    - mock/v1/files", 5, "remove it and everything before it"),
        ("endpoints: [V1/files]", 3, "has 'V1/files', but paths begin after '/v1'"),
        ("endpoints: [files/v1]", 3, "but paths begin after '/v1'"),
        ("endpoints:\n    - files\n    - POST files", 5, "has 'POST files', but a path has no spaces"),
        ("endpoints: ['files, batches']", 3, "but a path has no spaces; write only the path, such as 'files'"),
        ("endpoints: [\"files\\t*\"]", 3, "but a path has no spaces"),
        ("endpoints: ['files/{id}']", 3, "has 'files/{id}', but placeholders and patterns aren't supported"),
        ("endpoints: ['files/:id']", 3, "'*' allows everything below, as in 'files/*'"),
        ("endpoints: ['files/<id>/content']", 3, "'*' allows everything below, as in 'files/*'"),
        ("endpoints: ['^files']", 3, "patterns aren't supported"),
        ("endpoints: ['a|b']", 3, "patterns aren't supported"),
        ("endpoints: ['files/[a-z]']", 3, "patterns aren't supported"),
        (
            "endpoints: ['https://a.example/files?k=secret']", 3,
            "'endpoints' has a URL; write only the path after '/v1'"
        ),
        ("endpoints: ['files?key=secret']", 3, "'endpoints' has a path with a query; write only the path"),
        ("endpoints: ['files#x']", 3, "has a path with a query"),
        ("endpoints: [../files]", 3, "has '../files', but a path has no dot segments, such as '..'; remove them"),
        ("endpoints: [files/./x]", 3, "but a path has no dot segments"),
        ("endpoints: [files/.../x]", 3, "but a path has no dot segments"),
        ("endpoints: ['files/..;x']", 3, "but a path has no dot segments"),
        ("endpoints: [audio%2Fspeech]", 3, "has 'audio%2Fspeech', but paths are compared decoded; write the character"),
        ("endpoints: ['audio\\speech']", 3, "but a path has no backslashes; write '/'"),
        ("num_retries: 11", 3, "'num_retries' must be a whole number from 0 to 10"),
        ("num_retries: -1", 3, "'num_retries' must be a whole number from 0 to 10"),
        ("num_retries: 2.5", 3, "'num_retries' must be a whole number from 0 to 10"),
        ("num_retries: few", 3, "'num_retries' must be a whole number from 0 to 10"),
        ("num_retries: ''", 3, "'num_retries' must be a whole number from 0 to 10"),
        ("num_retries: [2]", 3, "'num_retries' must be a single value"),
        ("num_retries: 99999999999999999999", 3, "'num_retries' must be a whole number from 0 to 10"),
        ("retry_on_status: 503", 3, "'retry_on_status' must be a list"),
        (
            "retry_on_status:\n    - 500\n    - 399", 5,
            "'retry_on_status' must be a list of whole numbers from 400 to 599"
        ),
        ("retry_on_status:\n    - 500\n    - 600", 5, "whole numbers from 400 to 599"),
        ("retry_on_status: [5xx]", 3, "whole numbers from 400 to 599"),
        ("retry_on_status:\n    - [500]", 4, "'retry_on_status' must be a single value"),
        ("commit_early: maybe", 3, "'commit_early' must be true or false"),
        ("expects_done: 1", 3, "'expects_done' must be true or false"),
        ("preconnect: on", 3, "'preconnect' must be true or false"),
        ("model_alias: {}", 3, "did you mean 'model_aliases'?"), ("num_retry: 1", 3, "did you mean 'num_retries'?"),
        ("something_else_entirely: 1", 3, "expected one of: url, token, model, model_aliases, fallbacks, num_retries"),
    ]

    @Test("An invalid value is refused with its line", arguments: refused)
    func refuses(lines: String, line: Int, message: String) throws {
        try Refusal("a:\n  url: http://a\n  \(lines)", line, message).expect()
    }
}
