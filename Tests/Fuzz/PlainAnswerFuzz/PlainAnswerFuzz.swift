import Transport

@testable import Proxy

/// Whole or in pieces, a plain response passes byte for byte and ends in the same way. A JSON object or array is
/// complete, and a body that begins neither is not. Its beginning tells the same, whether its white space was skipped
/// before or not.
enum PlainAnswerFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        let whole = passed([input])
        require(passed(pieces(of: input)) == whole, "it ends differently in pieces than whole")
        require(passed(input.map { [$0] }) == whole, "it ends differently byte by byte than whole")
        input.withUnsafeBytes { bytes in
            let start = bytes.startOfContent
            require(BodyStart(bytes) == BodyStart(bytes, from: start), "known white space changes what a body is")
            let isOpen = start < bytes.count && bytes[start].closer != nil
            require(isOpen || !whole, "a body that is neither an object nor an array is complete")
            require(!isOpen || !JSONGrammar.accepts(Array(bytes[start...])) || whole, "JSON isn't complete")
            _ = JSONStart(bytes, isWhole: true)
            checkWords(ErrorEvents(bytes).error?.text)
        }
        checkWords(UpstreamErrorBody.words(of: input))
    }

    private static func checkWords(_ words: String?) {
        let hasControls = (words ?? "").unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        require(!hasControls && words != "", "the message is empty or has control characters")
        require(!Array((words ?? "").utf8).hasPage, "the message contains a web page")
    }

    /// The input's own bytes decide where it is cut.
    private static func pieces(of input: [UInt8]) -> [[UInt8]] {
        var (rest, pieces) = (input[...], [[UInt8]]())
        while let first = rest.first {
            pieces.append(Array(rest.prefix(1 + Int(first) % 16)))
            rest = rest.dropFirst(1 + Int(first) % 16)
        }
        return pieces
    }

    /// Whether the body is complete.
    private static func passed(_ pieces: [[UInt8]]) -> Bool {
        var filter = PlainFilter(meter: Meter(requestBytes: 0, now: { 0 }), isRead: true, expectsJSON: true)
        var output: [UInt8] = []
        for piece in pieces { _ = piece.withUnsafeBytes { filter.receive($0, into: &output) } }
        require(output == Array(pieces.joined()), "other bytes have passed than were sent")
        if case .complete = filter.end(nil, into: &output) { return true }
        return false
    }
}
