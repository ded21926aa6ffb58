import Testing

@testable import Proxy

@Suite struct RedactorTests {
    private static let token = "sk-a/b+c=\"d<e&f_'g.h\\i012345"
    private static let plain = "sk-proj-0123456789abcdef"

    /// Redacts the text whole, byte by byte, and cut in two at every offset.
    private func redacted(_ text: String, _ token: String = token) throws -> Set<String> {
        let redactor = try #require(Redactor(Secret(token)))
        let bytes = Array(text.utf8)
        let cuts = (0...bytes.count).map { [bytes[..<$0], bytes[$0...]] }
        return Set(
            ([[bytes[...]], bytes.indices.map { bytes[$0...$0] }] + cuts).map { pieces in
                var redactor = redactor
                var output: [UInt8] = []
                for piece in pieces { piece.withUnsafeBytes { redactor.receive($0, into: &output) } }
                redactor.finish(into: &output)
                return String(decoding: output, as: UTF8.self)
            } + [redactor.redacted(text)])
    }

    @Test(
        "The token is replaced, however it is escaped and cut into pieces, and nothing else is",
        arguments: [
            token,
            #"sk-a/b+c=\"d<e&f_'g.h\\i012345"#,
            #"sk-a\/b+c=\"d\u003ce\u0026f_'g.h\\i012345"#,
            #"\u0073\u006B\u002d\u0061\u002Fb+c=\u0022d<e&f_\u0027g.h\u005ci012345"#,
            #"sk-a\\\/b+c=\\\"d<e&f_'g.h\\\\i012345"#,
            #"sk-a/b+c=\\u0022d<e&f_'g.h\\\\\\\\i012345"#,
            #"sk-a/b+c=\x22d<e&f_\'g.h\\i012345"#,
            "sk-a%2Fb%2bc%3D%22d%3Ce%26f_%27g.h%5Ci012345",
            "sk-a%252Fb%252bc%253D%2522d%253Ce%2526f_%2527g.h%255Ci012345",
            #"sk-a/b+c=&quot;d&lt;e&amp;f_&#39;g.h\i012345"#,
            #"sk&#45;a&#x2f;b&#x2B;c=&#034;d&#60;e&#38;f&lowbar;&apos;g.h&bsol;i012345"#,
            #"sk-a/b+c=\u0026quot;d\u0026lt;e\u0026amp;f_\u0026#39;g.h\\i012345"#,
            #"sk-a/b+c=&amp;quot;d&amp;lt;e&amp;amp;f_&amp;#39;g.h\i012345"#,
        ])
    func replaces(form: String) throws {
        for (before, after) in [
            ("", ""), ("Bearer ", "\"}"), ("key=%22", "%22"), (#"{"input":"a\n"#, #"\n"}"#), ("&lt;", "&gt;"),
            ("s", "s"), ("sk-sk-", "6"), ("sk-a/b", "sk-a/b"), ("%", ";"), ("&", ";"), (#"\"#, #"\\"#),
        ] {
            let before = before == #"\"# && form.hasPrefix(#"\"#) ? "" : before
            let expected = before + "[redacted]" + after
            let outputs = try redacted(before + form + after)
            // A backslash before the token escapes its first byte, so it is replaced too.
            let escaped = before == #"\"# ? "[redacted]" + after : expected
            #expect(outputs == [escaped])
        }
    }

    private static let encoders: [@Sendable (String) -> String] = [
        { $0.map { letter in letter.utf8.map { "%" + hexadecimal(UInt16($0), 2) }.joined() }.joined() },
        { $0.utf16.map { "\\u" + hexadecimal($0, 4) }.joined() },
        { $0.unicodeScalars.map { "&#\($0.value);" }.joined() },
        { $0.unicodeScalars.map { "&#x\(String($0.value, radix: 16));" }.joined() },
        { $0.unicodeScalars.map { "\\u{\(String($0.value, radix: 16))}" }.joined() },
        { $0.utf8.map { "\\x" + hexadecimal(UInt16($0), 2) }.joined() },
    ]

    private static func hexadecimal(_ value: UInt16, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    @Test("Nested escapes are resolved in any order", arguments: 0..<6, 0..<6)
    func replacesNested(first: Int, second: Int) throws {
        for token in ["sk-0a_9z", "sk-\u{1F600}é", #"a\b\n-xyz12"#, "sk%41%2Bab&amp;c"] {
            let once = Self.encoders[first](token)
            let twice = Self.encoders[second](once)
            #expect(try redacted("a \(once) b", token) == ["a [redacted] b"])
            #expect(try bytewise("a \(twice) b", token) == "a [redacted] b")
        }
        for third in [1, 2] {
            let text = Self.encoders[third](Self.encoders[second](Self.encoders[first]("sk-0a_9z")))
            #expect(try bytewise("a \(text) b", "sk-0a_9z") == "a [redacted] b")
        }
    }

    private func bytewise(_ text: String, _ token: String) throws -> String {
        var redactor = try #require(Redactor(Secret(token)))
        var output: [UInt8] = []
        for byte in text.utf8 { withUnsafeBytes(of: byte) { redactor.receive($0, into: &output) } }
        redactor.finish(into: &output)
        #expect(output == redactor.redacted(Array(text.utf8)))
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        "Escapes of characters beyond ASCII are skipped without being resolved",
        arguments: [
            (#"\u4f60"#, true), (#"\u00fc"#, true), (#"\u0080"#, true), (#"\u007F"#, false), (#"\u0031"#, false),
        ])
    func skipsEscapes(escape: String, isSkipped: Bool) throws {
        let pattern = try #require(SecretPattern(Secret(Self.plain)))
        let text = Array(String(repeating: escape, count: 100).utf8)
        #expect(text.withUnsafeBytes { pattern.nextPlace(in: $0, from: 0) } == (isSkipped ? text.count : 0))
    }

    @Test("The token is found at every offset among bytes that look like its beginning", arguments: 0...40)
    func findsEverywhere(length: Int) throws {
        for filler in ["x", "s", "é", "\"", #"\n"#, #"\u4f60"#, #"\u00fc"#, #"\u007f"#, "% ", "& ", "&%", #"\ud83d"#] {
            let before = String(repeating: filler, count: length)
            for form in [Self.plain, #"s\u006bproj-"#, #"s\u006b-proj-0123456789abcdef"#, "s%6b-proj-0123456789abcdef"]
            {
                let expected = form.hasSuffix("f") ? before + "[redacted]" + before : before + form + before
                #expect(try bytewise(before + form + before, Self.plain) == expected)
            }
        }
    }

    @Test(
        "Text that begins like the token isn't changed",
        arguments: [
            "sk-proj-", "sk-proj-****cdef", "sk-proj-01", "{\"a\":\"sk-proj-012\"}", "sk-proj\\", "sk-proj%2", "sk-&#4",
            "%", "\\", "&", "\\u", "100% & more; \\u00", "%zz &zz; \\zz", "", "é\u{1F600}\0",
        ])
    func leaves(text: String) throws {
        #expect(try redacted(text, Self.plain) == [text])
    }

    @Test(
        "Half of the token is replaced like the whole, since texts are truncated",
        arguments: [
            ("key: sk-proj-0123", "key: [redacted]"), ("sk-proj-0123456789abcde", "[redacted]"),
            ("sk-proj-01234…", "[redacted]…"), (#"{"m":"sk\u002dproj-012345..."}"#, #"{"m":"[redacted]..."}"#),
            ("sk-proj-0123sk-proj-0123456789abcdef", "[redacted][redacted]"), ("key: sk-proj-012", "key: sk-proj-012"),
        ])
    func replacesHalves(text: String, expected: String) throws {
        #expect(try redacted(text, Self.plain) == [expected])
    }

    @Test("Every occurrence of the token is replaced")
    func replacesAll() throws {
        let text = "a\(Self.plain)b\(Self.plain)\(Self.plain)"
        #expect(try redacted(text, Self.plain) == ["a[redacted]b[redacted][redacted]"])
    }

    @Test("In a token with a scheme, the credentials are the secret")
    func leavesScheme() throws {
        #expect(try redacted("Bearer \(Self.plain)", "Bearer \(Self.plain)") == ["Bearer [redacted]"])
        #expect(try redacted("it was \(Self.plain)!", "Token \(Self.plain)") == ["it was [redacted]!"])
        #expect(try redacted("my own token", "my own token") == ["[redacted]"])
    }

    @Test("A token too short to be a secret isn't replaced", arguments: ["", "none", "ollama", "1234567"])
    func leavesPlaceholders(token: String) { #expect(Redactor(Secret(token)) == nil) }

    @Test("Endless escapes are not held forever", arguments: ["\\", "%25", "&amp;"])
    func boundsEscapes(escape: String) throws {
        let text =
            (escape.hasPrefix("&") ? "&" : escape == "%25" ? "%" : "") + String(repeating: escape, count: 20_000)
        var redactor = try #require(Redactor(Secret(Self.plain)))
        var output: [UInt8] = []
        text.utf8.withContiguousStorageIfAvailable { redactor.receive(UnsafeRawBufferPointer($0), into: &output) }
        #expect(output.count >= text.utf8.count - 1000)
        redactor.finish(into: &output)
        #expect(output == Array(text.utf8))
    }

    @Test("A redactor never prints its token")
    func hides() throws {
        let redactor = try #require(Redactor(Secret(Self.plain)))
        let pattern = try #require(SecretPattern(Secret(Self.plain)))
        var dumped = ""
        dump(redactor, to: &dumped)
        dump(pattern, to: &dumped)
        // A dump lists bytes as "- 115"; addresses, which it shows as well, have no dash before them.
        #expect(!(dumped + "\(pattern)" + String(reflecting: pattern)).contains("- 115"), "the s of sk")
    }
}
