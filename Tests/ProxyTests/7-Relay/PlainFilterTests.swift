import Testing
import Transport

@testable import Proxy

@Suite struct PlainFilterTests {
    /// What has passed, and whether the body is complete.
    private func pass(_ pieces: [[UInt8]]) -> (output: [UInt8], isWhole: Bool) {
        var filter = PlainFilter(meter: Samples.meter(), isRead: true, expectsJSON: true)
        var output: [UInt8] = []
        for piece in pieces { _ = piece.withUnsafeBytes { filter.receive($0, into: &output) } }
        if case .complete = filter.end(nil, into: &output) { return (output, true) }
        return (output, false)
    }

    @Test(
        "A body is complete if its ends are those of a JSON object or array, in whatever pieces it arrives",
        arguments: [
            ("{}", true), ("[1]", true), ("\u{FEFF} \n{} \n", true), ("\n\n[]", true), ("{}\0", true),
            ("{\n}\u{1A}\r\n", true), ("{", false), ("{]", false), ("[}", false), ("\u{FEFF}{", false),
            ("\u{FEFF}", false),
            ("\u{FEFF}  ", false), ("\n\u{FEFF}", false), ("\n\u{FEFF}{}", false), ("\u{FEFF}\u{FEFF}{}", false),
            ("<html>", false), ("OK", false), ("1", false), ("\n<p>", false), (" ", false), ("", false), ("{};", false),
            ("\0{}", false),
        ] as [(String, Bool)])
    func tellsWhole(text: String, isWhole: Bool) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            for next in cut...bytes.count {
                let pieces = [bytes[..<cut], bytes[cut..<next], bytes[next...]].map { Array($0) }
                let passed = pass(pieces)
                #expect(passed.isWhole == isWhole && passed.output == bytes, "cut at \(cut) and \(next)")
            }
        }
        #expect(pass(bytes.map { [$0] }).isWhole == isWhole)
    }

    @Test("A piece may consist of only a byte order mark and white space")
    func passesBlankPieces() {
        let blanks = Array(String(repeating: " ", count: 5000).utf8)
        let mark = Array("\u{FEFF}".utf8)
        let body = Array("{}".utf8)
        #expect(pass([mark + blanks, body]).isWhole)
        #expect(pass([blanks, body]).isWhole)
        #expect(!pass([blanks, mark, body]).isWhole)
        #expect(!pass([blanks, mark]).isWhole)
        #expect(!pass([Array(mark.dropLast()), body]).isWhole, "half a mark is none")
    }
}
