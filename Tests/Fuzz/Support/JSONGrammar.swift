/// Whether a text is JSON by RFC 8259: a second implementation that shares no code with `JSONReader`.
struct JSONGrammar {
    /// The limit of `JSONReader`.
    private static let maximumDepth = 512

    private var rest: ArraySlice<UInt8>

    static func accepts(_ text: [UInt8]) -> Bool {
        var grammar = JSONGrammar(rest: text[...])
        return grammar.value(depth: 0) && grammar.rest.isEmpty
    }

    private mutating func value(depth: Int) -> Bool {
        skipSpace()
        defer { skipSpace() }
        switch rest.first {
        case UInt8(ascii: "{"): return list(depth, until: "}") { $0.string() && $0.colon() && $0.value(depth: $1) }
        case UInt8(ascii: "["): return list(depth, until: "]") { $0.value(depth: $1) }
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return takes("true")
        case UInt8(ascii: "f"): return takes("false")
        case UInt8(ascii: "n"): return takes("null")
        default: return number()
        }
    }

    private mutating func list(
        _ depth: Int, until close: Unicode.Scalar, element: (inout JSONGrammar, _ depth: Int) -> Bool
    ) -> Bool {
        rest.removeFirst()
        guard depth < Self.maximumDepth else { return false }
        skipSpace()
        if take(close) { return true }
        repeat {
            skipSpace()
            guard element(&self, depth + 1) else { return false }
        } while take(",")
        return take(close)
    }

    private mutating func colon() -> Bool {
        skipSpace()
        return take(":")
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while let byte = rest.popFirst(), byte >= 0x20 {
            if byte == UInt8(ascii: "\"") { return true }
            guard byte != UInt8(ascii: "\\") || escape() else { return false }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard take("u") else { return rest.popFirst().map { Array("\"\\/bfnrt".utf8).contains($0) } ?? false }
        return (0..<4).allSatisfy { _ in
            rest.popFirst().map { Array("0123456789abcdefABCDEF".utf8).contains($0) } ?? false
        }
    }

    private mutating func number() -> Bool {
        _ = take("-")
        guard take("0") || digits() else { return false }
        if take("."), !digits() { return false }
        guard take("e") || take("E") else { return true }
        _ = take("+") || take("-")
        return digits()
    }

    private mutating func digits() -> Bool {
        let count = rest.count
        while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { rest.removeFirst() }
        return rest.count < count
    }

    private mutating func takes(_ word: String) -> Bool { word.unicodeScalars.allSatisfy { take($0) } }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpace() {
        while let byte = rest.first, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { rest.removeFirst() }
    }
}
