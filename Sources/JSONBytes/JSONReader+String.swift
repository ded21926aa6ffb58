extension JSONReader {
    /// Reads over a string and checks its escapes.
    /// - Returns: what stands between the quotes, and whether it has any escape.
    mutating func scanString() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool) {
        guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.wrongType, at: position) }
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            position = endOfPlainRun(from: position)
            guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return (start..<position - 1, hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape()
            default: throw JSONError(.controlCharacter, at: position)
            }
        }
    }

    private func endOfPlainRun(from start: Int) -> Int { bytes.withUnsafeBytes { $0.endOfPlainRun(from: start) } }

    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        switch bytes[position + 1] {
        case UInt8(ascii: "u"):
            guard position + 6 <= bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
            guard hexValue(at: position + 2) != nil else { throw JSONError(.invalidEscape, at: position) }
            position += 6
        case let byte where Self.escapes(byte) != nil: position += 2
        default: throw JSONError(.invalidEscape, at: position)
        }
    }

    /// The bytes of a string that `scanString` has passed, escapes resolved.
    func unescaped(_ content: Range<Int>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var index = content.lowerBound
        while index < content.upperBound {
            let plain = index..<Swift.min(endOfPlainRun(from: index), content.upperBound)
            bytes.withUnsafeBytes { output.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[plain])) }
            index = plain.upperBound
            guard index + 1 < content.upperBound else { break }
            if let byte = Self.escapes(bytes[index + 1]) {
                output.append(byte)
                index += 2
            } else {
                index = appendUnicodeEscape(at: index, before: content.upperBound, to: &output)
            }
        }
        return output
    }

    /// Appends the scalar written as `\uXXXX`, or as a pair of surrogates, and returns the offset behind it.
    private func appendUnicodeEscape(at index: Int, before end: Int, to output: inout [UInt8]) -> Int {
        let unit = hexValue(at: index + 2) ?? 0xFFFD
        var scalar = unit
        var next = index + 6
        if (0xD800..<0xDC00).contains(unit), next + 6 <= end, bytes[next] == UInt8(ascii: "\\"),
            bytes[next + 1] == UInt8(ascii: "u"), let low = hexValue(at: next + 2), (0xDC00..<0xE000).contains(low)
        {
            scalar = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            next += 6
        }
        let character = Unicode.Scalar(scalar) ?? "\u{FFFD}"
        output.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
        return next
    }

    private static func escapes(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: nil
        }
    }

    private func hexValue(at start: Int) -> UInt32? {
        var value: UInt32 = 0
        for index in start..<start + 4 {
            switch bytes[index] {
            case let digit where digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9"):
                value = value << 4 | UInt32(digit - UInt8(ascii: "0"))
            case let letter where letter | 0x20 >= UInt8(ascii: "a") && letter | 0x20 <= UInt8(ascii: "f"):
                value = value << 4 | UInt32(letter | 0x20 - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}
