import HTTPTypes
import Testing

@testable import Proxy

extension KeyDigest {
    fileprivate var hexadecimal: String {
        Mirror(reflecting: self).descendant("bytes").flatMap { $0 as? [UInt8] }?.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined() ?? ""
    }
}

@Suite struct LogTextTests {
    private static let presented = "own-key-with-words"
    private static let odd = "ab/cd+ef/gh=="
    private static let keys = RequestKeys(
        presented: [Secret(presented), Secret(odd)],
        known: KnownKeys([KeyDigest(of: Secret("key-of-another")), KeyDigest(of: Secret("token.of.a.server"))]))

    private func text(_ words: String, longest: Int = 200, guesses: Bool = true) -> String {
        LogText(words, longest: longest, without: Self.keys, guesses: guesses).text
    }

    @Test(
        "Known keys are replaced, whatever surrounds them",
        arguments: [
            ("own-key-with-words", "[redacted]"), ("'/v1/own-key-with-words/x' is", "'/v1/[redacted]/x' is"),
            ("xown-key-with-wordsy", "x[redacted]y"), ("/ab/cd+ef/gh==/x", "/[redacted]/x"),
            ("'key-of-another'.", "'[redacted]'."), ("is key-of-another.", "is [redacted]."),
            ("/token.of.a.server?", "/[redacted]?"), ("own%2Dkey%2dwith-words", "[redacted]"),
            ("key%2Dof-another", "[redacted]"),
            ("key-of-another,own-key-with-words;x", "[redacted],[redacted];x"),
        ])
    func replacesKnown(words: String, expected: String) {
        #expect(text(words) == expected)
        #expect(text(words, guesses: false) == expected)
    }

    private static let withSeparators = [
        "q8/Zt+5w1kH/3nVx0aPd9Lr+eYcB2s/J", "team:web:s3cr3tvalue", "p@ss(w)ord,is;very'secret=1", "/ab+cd/ef==",
        "schlüssel/für/öl", "with blanks inside",
    ]

    @Test(
        "Another caller's key is found by its length, whatever its characters and its surroundings",
        arguments: withSeparators)
    func findsTraced(key: String) {
        let keys = RequestKeys(known: KnownKeys([KeyDigest(of: Secret(key)), KeyDigest(of: Secret("other-key"))]))
        let texts = [
            "", "'/v1/|/chat/completions' is not open on the server 's'.", "/v1/key=|;y", "https:user:|@host", "x|y",
            "||", "openai/|", "a other |,b", String(repeating: "ab/", count: 500) + "|",
        ]
        for text in texts.map({ $0.isEmpty ? "|" : $0 }) {
            let shown = LogText(text.replacing("|", with: key), longest: 5000, without: keys, guesses: false).text
            #expect(shown == text.replacing("|", with: "[redacted]").replacing("other-key", with: "[redacted]"))
        }
    }

    @Test(
        "A key known only by its digest is found between separators", arguments: withSeparators.dropLast())
    func findsJoined(key: String) throws {
        let hash = KeyDigest(of: Secret(key)).hexadecimal
        let keys = RequestKeys(known: KnownKeys([try #require(KeyDigest(hexadecimal: hash))]))
        for text in ["|", "/v1/|", "'/v1/|' is not open on the server 's'.", "openai/|", "key=|", "a | b"] {
            let shown = LogText(text.replacing("|", with: key), longest: 500, without: keys, guesses: false).text
            #expect(shown == text.replacing("|", with: "[redacted]"))
        }
    }

    @Test("An escaped key is found inside its word")
    func findsEscaped() {
        let key = "q8/Zt+5w1kH/3nVx"
        let keys = RequestKeys(known: KnownKeys([KeyDigest(of: Secret(key))]))
        let escaped = "q8%2FZt%2B5w1kH%2f3nVx"
        for text in ["a/|", "x|y", "|%", "%22|%22"] {
            let shown = LogText(text.replacing("|", with: escaped), longest: 500, without: keys, guesses: false).text
            #expect(shown.hasSuffix("[redacted]") && !shown.contains("q8%2F"))
        }
    }

    @Test("The number of digests is bounded, whatever the text")
    func boundsDigests() throws {
        let hash = try #require(KeyDigest(hexadecimal: KeyDigest(of: Secret("a/b/c/d/e")).hexadecimal))
        for text in [String(repeating: "a/", count: 1000), String(repeating: "/", count: 2000), "a/b/c/d/e"] {
            var digests = RequestKeys.mostDigests
            let found = KnownKeys([hash]).ranges(in: Array(text.utf8), digests: &digests)
            #expect(found.isEmpty == (text.utf8.count > 10) && digests >= 0)
            #expect(text.utf8.count < 10 || digests == 0)
        }
    }

    @Test(
        "A word that looks like a key is replaced",
        arguments: [
            "sk-abcdefgh", "sk-proj-AbC_dEf-GhIjKl", "sk-ant-api03-xyzxyz-AA", "sk-or-v1-abcdefab", "pk-lf-abcdefgh",
            "gsk_abcdefghijkl", "xai-abcdefghijkl", "hf_abcdefghijklmn", "AIzaSyAbcdefghijk", "AKIAIOSFODNN7EXAMPLE",
            "ghp_abcdefghijklmn", "github_pat_abcdefgh", "glpat-abcdefgh", "xoxb-123456789", "r8_abcdefghij",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "e925e8499692c138488d48d08f69d7803b8f8e06",
            "Zm9vYmFyYmF6cXV4MTIzNDU2", "8a7b6c5d4e3f2a1b0c9d", "8e1f2c07-6b1e-4c55-9a58-0d7a3f1c2b44",
            "a1-b2-c3d4e-5f6g7-h8i9j0", "%73k-abcdefghijkl", "my-sk-abcdefghijkl", "x.gsk_abcdefghijkl",
        ])
    func replacesLookalikes(key: String) {
        #expect(text("'/v1/\(key)/x' is not open") == "'/v1/[redacted]/x' is not open")
        #expect(text("\(key), \(key)") == "[redacted], [redacted]")
    }

    @Test(
        "Names and ordinary words aren't changed",
        arguments: [
            "gpt-4o", "gpt-4o-mini-2024-07-18", "claude-3-5-sonnet-20241022",
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "meta-llama/Llama-3.3-70B-Instruct-Turbo", "accounts/fireworks/models/llama-v3p1-405b-instruct",
            "openbmb/MiniCPM5-1B-GGUF:Q4_K_M", "Qwen2.5-Coder-32B-Instruct-Q4_K_M.gguf", "mistral-7b-instruct-v0-3",
            "gemini-2.5-flash-preview-09-2025", "text-embedding-ada-002",
            "ft:gpt-4o-mini-2024-07-18:my-org:suffix:AbCd12Ef",
            "nvidia/llama-3.1-nemotron-ultra-253b-v1", "mixtral-8x22b-instruct-v0.1",
            "internationalization-and-more-words",
            "a", "sk-b", "ski-jumping-is-fun", "task-abcdefgh", "'/v1/files' is not open on the server 'openai'.",
            "The path is /<server>/v1/<endpoint>; see 'endpoints'.", "own-key", "key-of-anothe", "100%", "%zz",
            "12345678901234567890123",
            "日本語のモデル",
        ])
    func keepsNames(words: String) {
        #expect(text(words) == words)
    }

    @Test("Nothing is guessed in the owner's own texts")
    func keepsOwners() {
        let words = "Could not resolve host: xk3v9bt2nal8q7w6e5r4t3y2.lambda-url.eu-west-1.on.aws"
        #expect(text(words, guesses: false) == words)
    }

    @Test("A text is truncated without truncating a key", arguments: 0...60)
    func cuts(position: Int) {
        for key in [Self.presented, Self.odd, "key-of-another", "sk-abcdefghijklmnopqrstuvwxyz"] {
            let words = String(repeating: "x/", count: position) + key + "/" + String(repeating: "y/", count: 2000)
            let cut = text(words, longest: 100)
            #expect(cut.unicodeScalars.count <= 101)
            #expect(!cut.contains(key.prefix(4)))
        }
    }

    @Test("Many replaced keys don't let a later one through")
    func cutsMany() {
        for key in [Self.odd, "own-key-with-words", "sk-" + String(repeating: "a", count: 300)] {
            let cut = text(String(repeating: key + "/", count: 500))
            #expect(cut.hasPrefix("[redacted]/") && cut.hasSuffix("…"))
            #expect(cut.replacing("[redacted]", with: "").allSatisfy { "/…[redacted]".contains($0) })
        }
    }

    @Test("A truncated text says so, even a single word")
    func marksCuts() {
        #expect(
            text("'" + String(repeating: "a", count: 20_000) + "'") == "'" + String(repeating: "a", count: 199) + "…")
        #expect(text(String(repeating: "a1", count: 10_000)) == "[redacted]…")
        #expect(text(String(repeating: "a b ", count: 60)) == String(repeating: "a b ", count: 50) + "…")
        #expect(text(String(repeating: "a b ", count: 50)) == String(repeating: "a b ", count: 50))
    }

    @Test("A text stays on one line")
    func staysInLine() {
        #expect(text("a\r\nb\tc\u{1B}d\u{7F}") == "a  b c d ")
    }

    @Test("Errors quote only a short part of the caller's texts")
    func boundsMessages() {
        let long = String(repeating: "a/", count: 5000)
        let errors: [ProxyError] = [
            .unknownServer(long, baseURLs: ["/a/v1"]), .endpointNotOpen(server: "a", path: long),
            .methodNotAllowed(.init(String(repeating: "A", count: 20_000))!, allowed: [.get]),
            .modelNotAllowed(long, caller: "key 'k'"), .modelUnknown("its body has '\(long)'", caller: "key 'k'"),
        ]
        for error in errors {
            #expect(error.message.utf8.count < 500)
            #expect(error.detail.utf8.count < 3000)
        }
        #expect(ProxyError.unknownServer("é", baseURLs: []).message.hasPrefix("There is no server 'é'."))
    }
}
