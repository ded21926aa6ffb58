import Testing

@testable import Proxy

@Suite struct RawBytesSearchTests {
    /// All texts of this length that consist of these letters.
    private func texts(of length: Int, in letters: String) -> [String] {
        (0..<length).reduce([""]) { texts, _ in texts.flatMap { text in letters.map { text + String($0) } } }
    }

    private func words(in text: String) -> WatchedWords { Array(text.utf8).withUnsafeBytes { $0.watchedWords } }

    @Test("A word is found after anything that looks like it, and before anything", arguments: 0...4)
    func findsWords(length: Int) {
        for text in texts(of: length, in: "\"erousag") {
            #expect(words(in: text + "\"error\"").hasError, "behind \(text)")
            #expect(words(in: "\"error\"" + text).hasError, "before \(text)")
            #expect(words(in: text + "\"usage\":{").usage == text.utf8.count + 8, "behind \(text)")
            #expect(words(in: "\"usage\":{" + text).usage == 8, "before \(text)")
            for beginning in ["\"erro", "\"usag", "error\"", "usage\":{", "\"eusage\":{", "\"errors\""] {
                let without = beginning + text.filter { !"re".contains($0) }
                #expect(!words(in: without).hasError && words(in: without).usage == nil, "\(without)")
            }
        }
    }

    @Test("All words are found at every offset of a text", arguments: 0...70)
    func findsEverywhere(length: Int) {
        for filler in ["x", "\"", "\"delta", "é"] {
            let text = String(repeating: filler, count: length)
            for start in 0...length {
                let behind = String(repeating: filler, count: length - start)
                let before = String(repeating: filler, count: start)
                #expect(words(in: before + #""usage":{"# + behind).usage == before.utf8.count + 8)
                #expect(words(in: before + #""error""# + behind).hasError)
            }
            #expect(words(in: text) == WatchedWords())
            let both = words(in: #""usage":{""# + text + #""usage":{"error""#)
            #expect(both.hasError && both.usage == text.utf8.count + 18)
        }
    }

    @Test(
        "A usage must be an object; the last one counts",
        arguments: [
            (#""usage": {}"#, 9), ("\"usage\" \t\r\n:\n{", 13), (#""usage":null"#, nil), (#""usage""#, nil),
            (#""usage":"#, nil), (#""usage": "#, nil), (#""usage"{"#, nil), (#""usage"::{"#, nil),
            (#""usage":[{"#, nil), (#""usage":"{"#, nil), (#""usage":{},"usage":{}"#, 19),
            (#""usage":{},"usage":null"#, 8), (#""a":"\"usage\":{""#, nil),
        ] as [(String, Int?)])
    func findsUsage(text: String, start: Int?) {
        #expect(words(in: text).usage == start)
        let behind = #"{"error":1,"#
        #expect(words(in: behind + text).usage == start.map { $0 + behind.utf8.count })
        #expect(words(in: text + #","error""#).hasError)
    }

    @Test("A text is found at every offset, whatever begins like it", arguments: 0...20)
    func findsText(length: Int) {
        for filler in ["x", "\"", "\"respons", "é"] {
            let before = String(repeating: filler, count: length)
            let bytes = Array((before + "\"response." + before + "\"response.").utf8)
            let start = before.utf8.count
            bytes.withUnsafeBytes { text in
                #expect(text.offset(of: "\"response.", from: 0) == start)
                #expect(text.offset(of: "\"response.", from: start + 1) == 2 * start + 10)
                #expect(text.offset(of: "\"response.", from: 2 * start + 11) == nil)
                #expect(
                    UnsafeRawBufferPointer(rebasing: text.dropLast()).offset(of: "\"response.", from: start + 1) == nil)
            }
        }
    }

    /// Lengths around the widths at which bytes are tested together.
    private static let lengths = Array(0...20) + [47, 48, 49, 62, 63, 64, 65, 66, 79, 80, 81, 126, 127, 128, 129]

    @Test("A line ends at the first LF or CR, at every offset and among any bytes", arguments: lengths)
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
