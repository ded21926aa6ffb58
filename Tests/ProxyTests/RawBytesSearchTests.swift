import Testing

@testable import Proxy

@Suite struct RawBytesSearchTests {
    private static let word = Array("\"error\"".utf8)

    /// All texts of that length that can be written with the word's letters.
    private func texts(of length: Int) -> [[UInt8]] {
        (0..<length).reduce([[]]) { texts, _ in texts.flatMap { text in Array("\"ero".utf8).map { text + [$0] } } }
    }

    @Test("The word is found behind whatever looks like it, and before anything", arguments: 0...5)
    func findsErrorWord(length: Int) {
        for text in texts(of: length) {
            #expect((text + Self.word).withUnsafeBytes { $0.hasErrorWord }, "behind \(text)")
            #expect((Self.word + text).withUnsafeBytes { $0.hasErrorWord }, "before \(text)")
            let without = Array("\"erro".utf8) + text.filter { $0 != UInt8(ascii: "r") }
            #expect(!without.withUnsafeBytes { $0.hasErrorWord })
        }
    }

    @Test("A line ends at the first LF or CR, wherever it stands and whatever stands around it", arguments: 0...20)
    func findsLineEnd(length: Int) {
        for other: UInt8 in [0x09, 0x0B, 0x0C, 0x0E, 0x00, 0x8A, 0x8D, 0xFF] {
            let line = [UInt8](repeating: other, count: length)
            for end: [UInt8] in [[0x0A], [0x0D], [0x0B, 0x0D, 0x0A], []] {
                let text = line + end + line
                let expected = text.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
                for start in 0...length {
                    #expect(text.withUnsafeBytes { $0.lineEnd(from: start) } == expected)
                }
            }
        }
    }
}
