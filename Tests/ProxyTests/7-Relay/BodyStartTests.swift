import Testing

@testable import Proxy

@Suite struct BodyStartTests {
    /// The results for the bytes up to each offset.
    private func starts(_ text: String) -> [BodyStart?] {
        let bytes = Array(text.utf8)
        return (0...bytes.count).map { count in
            bytes.withUnsafeBytes { BodyStart(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    @Test(
        "A body's kind follows from its first bytes, as soon as they are enough",
        arguments: [
            ("data: {}", .events), ("event: a", .events), ("id:1", .events), ("retry:5", .events), (": hi", .events),
            ("\n\r\n\ndata:", .events), ("\u{FEFF}data:", .events), ("\u{FEFF}\n:", .events), ("error: {}", .events),
            (#"{"data:"#, .json), (" \n\t[1]", .json), ("\u{FEFF}{", .json), ("dataset", .other), (" data:", .other),
            ("<html>", .other), ("1", .other), ("\u{FEFB}x", .other), ("datum", .other), ("error 1", .other),
            ("Error: {}", .events), ("ERROR:{", .events), ("Error: no", .other), ("error:no", .other),
            ("Data: 1", .other),
        ] as [(String, BodyStart)])
    func tells(text: String, expected: BodyStart) throws {
        let starts = starts(text)
        let first = try #require(starts.firstIndex { $0 != nil })
        #expect(starts[first...].allSatisfy { $0 == expected })
    }

    @Test("Too few bytes give no result", arguments: ["", "\n\n", "\u{FEFF}", "dat", "data", "i", "retry"])
    func waits(text: String) { #expect(starts(text).allSatisfy { $0 == nil }) }
}
