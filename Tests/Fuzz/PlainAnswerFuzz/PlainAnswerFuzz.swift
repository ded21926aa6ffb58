import Transport

@testable import Proxy

/// Whole or in pieces, a plain answer passes byte for byte and ends alike; a JSON object or array is whole, and what opens
/// neither is not. What its beginning tells doesn't depend on how much of its white space is known.
enum PlainAnswerFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        let whole = passed([input])
        require(passed(pieces(of: input)) == whole, "in pieces it ends otherwise than whole")
        require(passed(input.map { [$0] }) == whole, "byte by byte it ends otherwise than whole")
        input.withUnsafeBytes { bytes in
            let start = bytes.startOfContent
            require(BodyStart(bytes) == BodyStart(bytes, from: start), "known white space changes what a body is")
            let isOpen = start < bytes.count && bytes[start].closer != nil
            require(isOpen || !whole, "what is no object and no array is whole")
            require(!isOpen || !JSONGrammar.accepts(Array(bytes[start...])) || whole, "JSON isn't whole")
            _ = JSONStart(bytes, isWhole: true)
            checkWords(ErrorEvents(bytes).error?.text)
        }
        checkWords(UpstreamErrorBody.words(of: input))
    }

    private static func checkWords(_ words: String?) {
        let hasControls = (words ?? "").unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        require(!hasControls && words != "", "the words have control characters, or are none")
        require(!Array((words ?? "").utf8).hasPage, "a page stands among the words")
    }

    /// The input's own bytes say where it is cut.
    private static func pieces(of input: [UInt8]) -> [[UInt8]] {
        var (rest, pieces) = (input[...], [[UInt8]]())
        while let first = rest.first {
            pieces.append(Array(rest.prefix(1 + Int(first) % 16)))
            rest = rest.dropFirst(1 + Int(first) % 16)
        }
        return pieces
    }

    /// Whether the body is whole.
    private static func passed(_ pieces: [[UInt8]]) -> Bool {
        var filter = PlainFilter(meter: Meter(requestBytes: 0, now: { 0 }), isRead: true, expectsJSON: true)
        var output: [UInt8] = []
        for piece in pieces { _ = piece.withUnsafeBytes { filter.receive($0, into: &output) } }
        require(output == Array(pieces.joined()), "other bytes have passed than were sent")
        if case .complete = filter.end(nil, into: &output) { return true }
        return false
    }
}
