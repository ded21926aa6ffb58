import Testing

@testable import JSONBytes

@Suite struct TextTests {
    /// The bytes that may be in a text and are neighbours of the ones that the searches look for, or look like them in
    /// the arithmetic on eight bytes at once.
    private static let others: [UInt8] = [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]
    private static let ends: [UInt8] = [0x00, 0x1F, 0x0A, UInt8(ascii: "\""), UInt8(ascii: "\\")]

    @Test("A plain run ends at the first quote, backslash or control character, at any position", arguments: ends)
    func endsRuns(end: UInt8) {
        for other in Self.others {
            for length in 0...20 {
                var bytes = [UInt8](repeating: other, count: length)
                #expect(bytes.withUnsafeBytes { $0.endOfPlainRun(from: 0) } == length)
                bytes.append(end)
                for more in [[], Self.ends + Self.others, [UInt8](repeating: other, count: 9)] {
                    let text = bytes + more
                    for start in 0...length {
                        #expect(text.withUnsafeBytes { $0.endOfPlainRun(from: start) } == length)
                    }
                }
            }
        }
    }

    @Test("A string is read with escapes at any position, whole and cut off")
    func readsEscapesAnywhere() throws {
        for length in 0...17 {
            for (escape, meaning) in [("\\n", "\n"), ("\\\"", "\""), ("\\ud83d\\ude00", "😀"), ("é", "é"), ("", "")] {
                let run = String(repeating: "x", count: length)
                let text = Array("\"\(run)\(escape)\(run)\(escape)\"".utf8)
                var reader = JSONReader(text + Array(", \"\\".utf8))
                #expect(try reader.readString() == run + meaning + run + meaning)
                #expect(reader.position == text.count)
                for cut in 0..<text.count {
                    #expect(throws: JSONError.self) {
                        var reader = JSONReader(Array(text[..<cut]))
                        _ = try reader.readString()
                    }
                }
            }
        }
    }

    @Test("The beginning of a string includes the whole of an escape at its end")
    func keepsEscapesWhole() {
        for (raw, count, expected) in [
            ("abc", 2, "ab"), ("abc", 9, "abc"), ("", 4, ""), (#"a\nb"#, 2, "a\n"), (#"a\nb"#, 1, "a"),
            (#"\u0041bc"#, 1, "A"), (#"\u0041bc"#, 7, "Ab"), (#"\\\\"#, 1, "\\"), (#"ab\u00e9"#, 3, "abé"),
        ] {
            Array(raw.utf8).withUnsafeBytes { bytes in
                let text = JSONText(raw: bytes, hasEscapes: raw.contains("\\"))
                #expect(text.beginning(count).bytes == Array(expected.utf8))
            }
        }
    }

    @Test("Valid UTF-8 is what Swift's own strings accept")
    func agreesOnUTF8() {
        // The bounds in the standard's table, and their neighbours.
        let leads: [UInt8] = [
            0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4,
            0xF5, 0xFF,
        ]
        let seconds: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        let rest: [[UInt8]] = [[], [0x7F], [0x80], [0xBF], [0xC0], [0x80, 0x7F], [0x80, 0xBF], [0xBF, 0xC0]]
        for lead in leads {
            for scalar in [[lead]] + seconds.flatMap({ second in rest.map { [lead, second] + $0 } }) {
                for padding in [0, 3, 8, 13] {
                    let run = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
                    for text in [scalar, run + scalar, scalar + run, run + scalar + run] {
                        #expect(
                            text.withUnsafeBytes { $0.isUTF8 } == (String(validating: text, as: UTF8.self) != nil),
                            "\(text)")
                    }
                }
            }
        }
    }
}
