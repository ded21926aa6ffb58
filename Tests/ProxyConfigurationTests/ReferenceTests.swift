import Testing
import Transport

@testable import Proxy
@testable import ProxyConfiguration

/// References that other programs replace and this one doesn't.
@Suite struct ReferenceTests {
    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    private static let tags: [(String, Int)] = [
        ("a:\n  url: http://a\n  token: !ENV NAME", 3), ("a:\n  url: http://a\n  token: !secret x", 3),
        ("a:\n  url: http://a\n  token: !Ref X", 3), ("a:\n  url: http://a\n  token: !opensesame", 3),
        ("a:\n  url: http://a\n  token: !!binary c2VjcmV0", 3), ("a:\n  url: http://a\n  token: !<tag:x,1:y> z", 3),
        ("%TAG !e! tag:e.example,2000:\n---\na:\n  url: http://a\n  token: !e!env NAME", 5),
        ("a: !include a.yaml", 1), ("!x\na:\n  url: http://a", 1), ("a: !x\n  url: http://a", 1),
        ("a:\n  url: http://a\n  !x token: y", 3), ("!x a:\n  url: http://a", 1),
        ("a:\n  url: http://a\n  endpoints: !x [b]", 3), ("a:\n  url: http://a\n  endpoints:\n    - b\n    - !x c", 5),
        ("a:\n  url: !x\n    - http://a", 2), ("a:\n  url: http://a\n  model: &m !x b\n  token: *m", 3),
        ("a: {url: http://a}\nsettings: !x {allow_anonymous: true}", 2), ("a: {url: http://a}\nsettings: !x", 2),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - !x {name: n, key: k}", 4),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: n\n      key: !ENV NAME", 5),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: n\n      key_hash: !Sub x", 5),
        ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: n\n      key: k\n      metadata: {b: !x c}", 6),
    ]

    @Test("An unresolved tag is refused anywhere", arguments: tags)
    func refusesTags(text: String, line: Int) throws {
        try Refusal(text, line, "write ${NAME}").expect()
        let error = try #require(throws: ConfigurationError.self) { try load(text) }
        #expect(!error.message.contains("opensesame"))
    }

    @Test("YAML's own tags change nothing")
    func takesCoreTags() throws {
        let table = try load(
            """
            !!map
            a: !!map
              !!str url: !!str http://a/v1
              model: ! b
              num_retries: !!int 5
              timeout: !!float 2.5
              commit_early: !!bool false
              token: !!null
              endpoints: !!seq [!<tag:yaml.org,2002:str> files]
            """
        ).table
        var expected = Server(name: "a", url: "http://a/v1")
        (expected.model, expected.retries, expected.commitsEarly) = ("b", 5, false)
        expected.limits.total = 2500
        expected.endpoints = [EndpointPattern("files")]
        #expect(table.servers == [expected])
    }

    /// As the whole value of any key.
    private static let anywhere = [
        "$NAME", "$name", "$_NAME_2", "$env:NAME", "$(NAME)", "$(cat /run/secrets/key)", "{{ NAME }}", "{{NAME}}",
        "{{ .Values.key }}", "{{resolve:secretsmanager:key:SecretString}}", "${{ secrets.NAME }}", "os.environ/NAME",
        "os.environ[\"NAME\"]", "os.environ['NAME']", "os.environ.get(\"NAME\")", "os.getenv(\"NAME\")",
        "os.Getenv(\"NAME\")", "process.env.NAME", "process.env[\"NAME\"]", "import.meta.env.NAME", "%NAME%",
        "%env(NAME)%", "env:NAME", "env.NAME", "ENV[NAME]", "ENV['NAME']", "env(NAME)", "{env.NAME}", "{env:NAME}",
        "{$NAME}", "{NAME}", "<%= ENV[\"NAME\"] %>", "{% NAME %}", "#{NAME}", "((NAME))", "[[NAME]]",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key", "arn:aws-cn:ssm:cn-north-1:1:parameter/key",
        "%{NAME}", "%(NAME)s", "ENC[AES256_GCM,data:x]", "ENC(x)", "op://vault/item/field", "vault://secret/key",
        "/run/secrets/key", "@Microsoft.KeyVault(SecretUri=https://k)",
    ]

    /// As a secret.
    private static let inSecrets = [
        "vault:secret/data/key", "secret:key", "secretref:key", "file:///run/key", "file:key", "ref+vault://secret/key",
        "hashivault:key", "aws-secret:key", "awskms:key", "cmd:cat key", "awssm://key", "arn:aws:kms:eu-west-1:1:key/1",
        "projects/p/secrets/key/versions/latest", "!ENV NAME",
        "`cat key`", "env/NAME", "env:name", "Bearer $NAME", "Bearer $token", "Bearer os.environ/NAME",
        "Bearer {{ NAME }}", "Bearer %NAME%", "Bearer env:NAME", "sk-$(NAME)", "sk-{{ NAME }}-x", "$NAME-x", "sk-$NAME",
        "$PREFIX$SUFFIX", "x <%= NAME %>", "https://vault.example/key",
        "lookup('env','NAME')", "lookup('env', 'NAME')", "env_var('NAME')", "env_var(\"NAME\")", "fromEnv(NAME)",
        "aws_secret(x)", "secrets.NAME", "secrets.api_key", "vars.NAME", "var.NAME", "var.api_key", "var.apiKey",
        "local.NAME", "data.vault_generic_secret.key.data", "secret/NAME", "secrets/name", "google_secret/x",
        "aws_secret_manager/x", "vault/a/b", "gcp_kms/x", "/etc/secrets/key", "/var/run/secrets/key", "@NAME", "!NAME",
        "@API_KEY_2", "&NAME", "*NAME", "@file:/run/x", "@/run/x", "@./key.txt", "@env:NAME", "`NAME`", "`$NAME`",
        "__NAME__", "__API_KEY__", "@@NAME@@", "@NAME@", "%%NAME%%", "~{NAME}", "@{NAME}", "!{name}", "@(NAME)",
        "<<NAME>>", "$$NAME$$", "#{NAME}#", "$apiKey", "$config.apiKey",
        "$$NAME", "\\$NAME", "!!NAME", "|NAME|", "[NAME]", "context.NAME",
    ]

    @Test("A reference in place of a secret is refused with its line, but not shown", arguments: anywhere + inSecrets)
    func refusesSecrets(text: String) throws {
        let value = Self.quoted(text)
        let tables = [
            ("a:\n  url: http://a\n  token: \(value)", 3),
            ("a:\n  url: http://a\n  api_key: ' \(value.dropFirst())", 3),
            ("a:\n  url: http://a\n  token: ${NAME:-\(text)}", 3),
            ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: n\n      key: \(value)", 5),
            ("a: {url: http://a}\nsettings:\n  virtual_keys:\n    - name: n\n      key_hash: \(value)", 5),
        ]
        // A default in a plain YAML scalar can't have all of them, and braces in one have an error of their own.
        let hasOddities = ["{", "#", "\"", "}", ": "].contains { text.contains($0) }
        for (table, line) in tables where !table.contains("${NAME:-") || !hasOddities {
            try Refusal(table, line, "write ${NAME}").expect()
            let error = try #require(throws: ConfigurationError.self) { try load(table) }
            let rest = "\(error)".replacing("write ${NAME}", with: "")
            #expect(!rest.contains(text.replacing("Bearer ", with: "")), "\(error)")
        }
    }

    @Test("A reference as any other value is refused too", arguments: anywhere)
    func refusesOthers(text: String) throws {
        let value = Self.quoted(text)
        let places = [
            "model: \(value)", "url: \(value)", "auth_header: \(value)", "timeout: \(value)", "endpoints: [\(value)]",
            "model_aliases: {m: \(value)}", "fallbacks: [\(value)]",
        ]
        for place in places {
            let url = place.hasPrefix("url") ? "" : "\n  url: http://a"
            try Refusal("a:\n  \(place)\(url)", 2, "write ${NAME}").expect()
        }
    }

    @Test(
        "A reference in a name is refused, because names are never replaced",
        arguments: ["${NAME}", "a-${NAME}", "$NAME", "{{ NAME }}"])
    func refusesNames(name: String) throws {
        let tables = [
            ("a: {url: http://a}\n'\(name)': {url: http://b}", 2),
            ("a:\n  url: http://a\n  model_aliases:\n    '\(name)': b", 4),
            ("a: {url: http://a}\nsettings:\n  virtual_keys: [{name: n, key: k, metadata: {'\(name)': b}}]", 3),
        ]
        for (table, line) in tables { try Refusal(table, line, "variables work only in values").expect() }
    }

    @Test(
        "A reference inside a URL is refused",
        arguments: [
            "https://$HOST/v1", "https://$host/v1", "https://$(HOST)/v1", "https://{{ HOST }}/v1", "https://{host}/v1",
            "https://a.example/$TENANT/v1", "https://<%= host %>/v1",
        ])
    func refusesURLs(url: String) throws {
        try Refusal("a:\n  url: '\(url)'", 2, "write ${NAME}").expect()
    }

    @Test(
        "A real secret is not taken for a reference",
        arguments: [
            "sk-proj-abc_DEF-123", "<microvm-auth-token>", "api_key", "ollama_token", "pa$$word", "abc$def", "a$B",
            "p4$$w0rd-with-dollars", "$2b$12$abcdefghijklmnopqrstuv", "$5-and-more", "$", "a%20b%", "100%", "x{y}z",
            "{\"a\":1}",
            "abc}", "{abc", "env-key-1", "environment", "vault", "id:secret", "550e8400:8a7b6c5d", "YWJj/ZGVm+Z2hp==",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "my secret words", "a(b)c", "k#1", "!x", "@at", "os.env-1",
            "aB3$xY9-q$Z", "x$AB", "Bearer abc", "key=$x", "$aB3xY9qZ", "$ABC1!xyz-7", "$XYZ.q8Zt/5w", "$AbCdE:fG.h7",
            "$Kq", "q-$ABC-9Zt", "!$ABC:d", "@Ab3xYz", "@abc@d", "`aB+c`", "a.b.c", "data.9f8e7d", "aBc(d+e)",
            "Zt/secret+x", "_a__", "__a9X__", "!abc", "@pass", "@/x", "*x*",
        ])
    func takesSecrets(text: String) throws {
        let value = Self.quoted(text)
        let key = "{name: n, key: \(value)}"
        let table = try load("a: {url: 'http://a', token: \(value)}\nsettings: {virtual_keys: [\(key)]}").table
        #expect(table.servers[0].token == Secret(text))
        #expect(table.settings.virtualKeys.map(\.digest) == [KeyDigest(of: Secret(text))])
    }

    @Test(
        "Names and notes may have text that only looks like a reference",
        arguments: [
            "env:prod", "env: prod", "a{b}$c", "costs $5", "50%", "vault:latest", "file:a", "a ${B:-b} c", "!note",
        ])
    func takesTexts(text: String) throws {
        let server = try server("  model: \(Self.quoted(text))")
        #expect(server.model == text.replacing("${B:-b}", with: "b"))
    }

    @Test(
        "A variable that is a reference disables only its server, and opens nothing", arguments: anywhere + ["${NAME}"])
    func leavesOutVariables(value: String) throws {
        let loaded = try load(
            """
            a: {url: 'http://a', token: '${TOKEN:-spare}'}
            b: {url: 'http://b', token: 0123456789abcdef}
            settings: {virtual_keys: [{name: k, key: '${TOKEN}'}, {name: l, key: 0123456789abcdef}]}
            """, ["TOKEN": " \(value)\n"])
        #expect(loaded.table.servers.map(\.missingVariables) == [["TOKEN"], []])
        #expect(loaded.table.servers[0].token == nil)
        #expect(loaded.table.settings.virtualKeys.map(\.name) == ["l"])
        let problem = "holds a reference to another value, such as '$NAME', which is not resolved"
        #expect(loaded.warnings.contains("the environment variable TOKEN can't be used: it \(problem)"))
        #expect(loaded.warnings.contains("the virtual key 'k' is ignored: TOKEN \(problem)"))
        #expect(!loaded.warnings.contains { $0.contains(value) && !"'$NAME'".contains(value) })
    }
}
