import JSONBytes

@testable import Proxy

/// The output is the same for whole input and for pieces. It never contains the token, neither literally nor escaped in
/// JSON. Input without at least half of the token in any form passes byte for byte.
enum RedactorFuzz: FuzzTarget {
    private static let token = #"sk-a/b+c="d<e&f"#

    static func check(_ input: [UInt8]) {
        guard let redactor = Redactor(Secret(token)) else { return require(false, "nothing is looked for") }
        let whole = passed([input[...]])
        require(redactor.redacted(input) == whole, "as one text it is another than as a stream of one piece")
        var pieces: [ArraySlice<UInt8>] = []
        var rest = input[...]
        while let first = rest.first {
            // The input's own bytes decide where it is cut.
            pieces.append(rest.prefix(1 + Int(first) % 16))
            rest = rest.dropFirst(1 + Int(first) % 16)
        }
        require(passed(pieces) == whole, "in pieces other bytes have passed than whole")
        require(!contains(whole, Array(token.utf8)), "the token has passed")
        if whole == input {
            require(
                !contains(Unescaper.bytes(of: input), Unescaper.bytes(of: token.utf8)), "an escaped token has passed")
        } else {
            require(contains(whole, Redactor.mark), "something has changed without a mark")
        }
        var reader = JSONReader(whole)
        if let text = try? reader.readStringBytes() {
            require(!contains(text, Array(token.utf8)), "the token has passed in a string")
        }
        checkWritten(into: input)
    }

    /// The token, escaped as in JSON, in the middle of the input.
    private static func checkWritten(into input: [UInt8]) {
        let (before, after) = (input.prefix(input.count / 2), input.suffix(input.count / 2))
        let written = JSONValue.string(token).serialized.dropFirst().dropLast()
        let output = passed([before, [0x0A] + written + [0x0A], after])
        require(!contains(output, Array(written)), "the token has passed as JSON writes it")
    }

    private static func passed(_ pieces: [ArraySlice<UInt8>]) -> [UInt8] {
        var redactor = Redactor(Secret(token))
        var output: [UInt8] = []
        for piece in pieces { piece.withUnsafeBytes { redactor?.receive($0, into: &output) } }
        redactor?.finish(into: &output)
        return output
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...text.count - word.count).contains { text[$0..<$0 + word.count].elementsEqual(word) }
    }
}
