import HTTPTypes
import Testing
import Transport

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct LoadedTableTests {
    /// As users of the Node proxy have it.
    private static let existing = """
        proxy:
          url: https://abc.lambda-url.us-west-2.on.aws/replicate/v1
          token: api_key
          model: mistralai/mistral-7b-instruct-v0.2
        openai:
          url: https://api.openai.com/v1
          token: sk-proj-1
          model: gpt-4o
        predibase:
          url: https://serving.app.predibase.com/028bc858/deployments/v2/llms/mistral-7b-instruct-v0-3/v1
          token: pb_1
          model: ""
        ollama:
          url: http://127.0.0.1:11434/v1
          token: ollama_token
          model: mistral:latest
        microvm-llama:
          url: https://x.lambda-microvm.us-west-2.on.aws
          token: "<microvm-auth-token>"
          model: openbmb/MiniCPM5-1B-GGUF:Q4_K_M
          reverse_proxy: true
          auth_header: X-aws-proxy-auth
        """

    @Test("An existing table loads unchanged")
    func loadsExisting() throws {
        let table = try load(Self.existing).table
        #expect(table.servers.map(\.name) == ["proxy", "openai", "predibase", "ollama", "microvm-llama"])
        #expect(table.servers[1].token == Secret("sk-proj-1"))
        #expect(table.servers[2].model == "")
        #expect(table.servers[3].model == "mistral:latest")
        #expect(table.servers[4].isReverseProxy)
        #expect(table.servers[4].authHeader == HTTPField.Name("x-aws-proxy-auth"))
        #expect(!table.settings.allowAnonymous)
    }

    @Test("All keys are read")
    func readsAll() throws {
        let table = try load(
            """
            a:
              base_url: https://a.example/v1/
              api_key: t
              endpoints: [audio/speech, files/*]
              forward_headers: [openai-organization]
              timeout: 2.5
              connect_timeout: 2
              auth_header: Authorization
            settings:
              allow_anonymous: true
              virtual_keys:
                - {name: one, key: k1}
                - name: two
                  key_hash: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
            """
        ).table
        var expected = Server(name: "a", url: "https://a.example/v1")
        expected.token = Secret("t")
        expected.endpoints = [EndpointPattern("audio/speech"), EndpointPattern("files/*")]
        expected.forwardHeaders = [.init("openai-organization")!]
        expected.limits.total = 2500
        expected.limits.connect = 2000
        #expect(table.servers == [expected])
        #expect(table.settings.allowAnonymous)
        #expect(
            table.settings.virtualKeys == [
                VirtualKey(name: "one", digest: KeyDigest(of: Secret("k1"))),
                VirtualKey(name: "two", digest: KeyDigest(of: Secret("foo"))),
            ])
    }

    @Test("Variables are replaced, and a missing one disables only its server")
    func fillsInVariables() throws {
        let text = """
            a: {url: "https://${HOST}/v1", token: "${TOKEN}"}
            b: {url: "${B_URL:-http://b/v1}", token: "${B_TOKEN:-}"}
            """
        let table = try load(text, ["HOST": "h", "TOKEN": ""]).table
        #expect(table.servers[0].urls[0].text == "https://h/v1")
        #expect(table.servers[0].missingVariables == ["TOKEN"])
        #expect(table.servers[1].urls[0].text == "http://b/v1")
        #expect(table.servers[1].token == nil)
        #expect(table.servers[1].missingVariables.isEmpty)
    }

    @Test(
        "A missing variable anywhere in a server disables that server, and doesn't stop the start",
        arguments: [
            "model: ${X}", "timeout: ${X}", "reverse_proxy: ${X}", "auth_header: ${X}", "endpoints: ['a/${X}']",
            "forward_headers: ['${X}']", "url: ['${X}/v1']", "url: [{url: http://a, weight: '${X}'}]",
            "model_aliases: {m: '${X}'}", "fallbacks: ['${X}']", "num_retries: ${X}", "retry_on_status: ['${X}']",
            "connect_timeout: ${X}", "ttft_timeout: ${X}", "stream_idle_timeout: ${X}", "keepalive_seconds: ${X}",
            "commit_early: ${X}", "expects_done: ${X}", "preconnect: ${X}",
        ])
    func reportsMissingAnywhere(line: String) throws {
        let url = line.hasPrefix("url") ? "" : "  url: http://a/v1\n"
        let table = try load("a:\n\(url)  \(line)").table
        #expect(table.servers[0].missingVariables == ["X"])
        #expect(!table.servers[0].urls.isEmpty)
        #expect(table.servers[0].endpoints.isEmpty && table.servers[0].forwardHeaders.isEmpty)
    }

    @Test("A key or token that can be guessed is a warning")
    func warnsOfShortKeys() throws {
        let text = "a: {url: 'http://a/v1', token: short}\nsettings: {virtual_keys: [{name: web, key: k}]}"
        let warnings = try load(text).warnings
        #expect(warnings.contains { $0.hasPrefix("the token of the server 'a' is shorter") })
        #expect(warnings.contains { $0.hasPrefix("the virtual key 'web' is shorter") })
        #expect(!warnings.contains { $0.contains("short}") })
    }

    @Test("An empty key opens nothing, and the log says so", arguments: ["${KEY}", "${KEY:-}", "\"\""])
    func leavesOutEmptyKeys(key: String) throws {
        let loaded = try load("a: {url: 'http://a/v1'}\nsettings: {virtual_keys: [{name: web, key: \(quoted(key))}]}")
        #expect(loaded.table.settings.virtualKeys.isEmpty)
        #expect(loaded.warnings.contains { $0.hasPrefix("the virtual key 'web' is ignored") })
    }

    private func quoted(_ text: String) -> String { text.hasPrefix("\"") ? text : "\"\(text)\"" }

    @Test("One line names all servers with missing variables, and says how to set one")
    func namesUnusableServers() throws {
        let table = """
            a: {url: "https://a.example/v1", token: "${A_TOKEN}"}
            b: {url: "https://${B_HOST}/v1", token: "${B_TOKEN}"}
            c: {url: "https://c.example/v1"}
            settings: {virtual_keys: [{name: web, key: "a-key-that-is-long-enough-for-all"}]}
            """
        #expect(
            try load(table).warnings.filter { $0.contains("can't be used") } == [
                "2 servers can't be used until their variables are set in the environment: a (A_TOKEN), "
                    + "b (B_HOST, B_TOKEN); for example, set A_TOKEN and start again"
            ])
        let onlyA = try load(table, ["B_HOST": "b.example", "B_TOKEN": "t"]).warnings
        #expect(onlyA.contains("the server 'a' can't be used until A_TOKEN is set in the environment"))
    }

    @Test("The warning about missing variables says which of them Lambda sets")
    func namesVariablesOfLambda() throws {
        let bedrock = "a: {provider: bedrock}"
        #expect(
            try load(bedrock, [:]).warnings.contains(
                """
                the server 'a' can't be used until AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set in the \
                environment; Lambda itself sets AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
                """))
        let environment = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"]
        #expect(
            try load(bedrock + "\nb: {url: 'http://${B}'}", environment).warnings.contains(
                """
                2 servers can't be used until their variables are set in the environment: a (AWS_REGION), b (B); \
                Lambda itself sets AWS_REGION; for example, set AWS_REGION and start again
                """))
    }

    @Test("Open access is a warning")
    func warnsOfOpenAccess() throws {
        let loaded = try load("a: {url: 'http://a/v1'}\nsettings: {allow_anonymous: true}")
        #expect(loaded.warnings.contains { $0.contains("ANYONE WHO KNOWS THIS PROXY'S URL") })
    }

    private static let refused: [(String, Int?, String)] = [
        ("", nil, "must list servers"), ("a: [", 2, "did not find"), ("- a", 1, "must list servers"),
        ("a: 1", 1, "server 'a' must be a mapping"), ("settings: {}", nil, "lists no server"),
        ("a:\n  token: t", 2, "'url' is missing"), ("a:\n  ulr: http://a", 2, "unknown key 'ulr'; did you mean 'url'?"),
        ("a:\n  url: http://a\n  modle: x", 3, "did you mean 'model'?"),
        ("a:\n  url: http://a\n  xxxxxxxxxx: x", 3, "expected one of: url, token"),
        ("a:\n  url: http://a\n  url: http://b", 3, "'url' is there twice, first on line 2"),
        ("a:\n  url: http://a\n  api_base: http://b", 3, "has 'url' twice, once as 'api_base'"),
        ("a: {url: x}\na: {url: y}", 2, "'a' is there twice"), ("a:\n  url: ftp://a", 2, "must begin with https://"),
        ("a:\n  url: http://", 2, "has no host"), ("a:\n  url: http:///v1", 2, "has no host"),
        ("a:\n  url: http://u:p@h/v1", 2, "use 'token'"), ("a:\n  url: http://a b", 2, "must not have spaces"),
        ("a:\n  url: http://a?x=1", 2, "must not have spaces"),
        ("a:\n  model: [x]\n  url: http://a", 2, "must be a single value"),
        ("a:\n  url: http://${A", 2, "without '}'"), ("a:\n  url: http://${1A}", 2, "with something other than NAME"),
        ("a:\n  url: http://a\n  timeout: -1", 3, "'timeout' must be a number of seconds"),
        ("a:\n  url: http://a\n  timeout: soon", 3, "'timeout' must be a number of seconds"),
        ("a:\n  url: http://a\n  timeout: nan", 3, "'timeout' must be a number of seconds"),
        ("a:\n  url: http://a\n  timeout: 1e99", 3, "'timeout' must be a number of seconds"),
        ("a:\n  url: http://a\n  reverse_proxy: yes", 3, "must be true or false"),
        ("a:\n  url: http://a\n  auth_header: 'x y'", 3, "not a valid header name"),
        ("a:\n  url: http://a\n  endpoints: files", 3, "'endpoints' must be a list"),
        ("a:\n  url: http://a\n  forward_headers: [Cookie]", 3, "must not have 'Cookie'"),
        ("a/\u{301}b: {url: http://a}", 1, "can't be a server's name"),
        ("\"a\\tb\": {url: http://a}", 1, "can't be a server's name"),
        ("a/b:\n  url: http://a", 1, "can't be a server's name"), ("a: {url: x}\n---\nb: {}", 2, "second document"),
        ("a: {url: http://a}\nsettings:\n  virtual_key: []", 3, "did you mean 'virtual_keys'?"),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - key: x", 4, "'name' is missing"),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: x", 4, "'key_hash' must be given"),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - {name: x, key: y, key_hash: z}", 4, "not both"),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - {name: x, key_hash: z}", 4, "64 hexadecimal digits"),
        ("a: {url: http://a}\nsettings:\n  virtual_keys: [{name: x, key: y}, {name: x, key: z}]", 3, "is taken"),
        ("a: *nowhere", 1, "'nowhere' is not defined"), ("? [a]\n: b", 1, "a key must be a scalar"),
        ("a:\n  url: http://a\n  model: \u{1}", 3, "control characters are not allowed"),
        ("a: {url: http://a}\nsettings: {allow_anonymous: '${X}'}", 2, "needs X, which is not set"),
        (String(repeating: "a: {", count: 100), 1, "nested too deeply"),
    ]

    @Test("An invalid table is refused with the line and what to do", arguments: refused)
    func refuses(text: String, line: Int?, message: String) throws {
        try Refusal(text, line, message).expect()
    }

    @Test("A file that is cut off anywhere is loaded or refused, and never crashes the program")
    func survivesCuts() {
        let bytes = Array(Self.existing.utf8)
        for length in 0..<bytes.count {
            do throws(ConfigurationError) {
                _ = try LoadedTable(parsing: Array(bytes[..<length]), file: "t.yaml", environment: [:])
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
