import JSONBytes

extension [UInt8] {
    /// The beginning of a JSON object or array, closed where it breaks off, so that it can be parsed. Other texts are
    /// returned unchanged.
    var closedJSON: [UInt8] {
        guard let start = firstIndex(where: { !$0.isWhiteSpace }), self[start].closer != nil else { return self }
        var closers: [UInt8] = []
        var isInString = false
        // The start of an escape that may be incomplete.
        var escape: Int?
        for index in start..<count {
            let byte = self[index]
            if let begun = escape {
                let length = self[begun + 1] == UInt8(ascii: "u") ? 6 : 2
                if index + 1 - begun >= length { escape = nil }
            } else if isInString {
                if byte == UInt8(ascii: "\\") { escape = index }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if let closer = byte.closer {
                closers.append(closer)
            } else if byte == closers.last {
                closers.removeLast()
                if closers.isEmpty { return self }
            }
        }
        let rest: [UInt8] = isInString ? [UInt8(ascii: "\"")] : []
        return self[..<(escape ?? count)] + rest + closers.reversed()
    }
}

/// JSON values that are treated as absent: null, false, 0, and an empty string, array or object. SDKs do the same,
/// since some servers write `"error": null` and the like into every event.
extension UnsafeRawBufferPointer {
    /// Whether this is such a value, or only white space.
    var isEmptyJSON: Bool {
        let start = endOfBlanks(from: 0)
        var end = count
        while end > start, self[end - 1].isWhiteSpace { end -= 1 }
        guard start < end else { return true }
        let value = UnsafeRawBufferPointer(rebasing: self[start..<end])
        switch value[0] {
        case UInt8(ascii: "{"): return value.isBlank(upTo: UInt8(ascii: "}"))
        case UInt8(ascii: "["): return value.isBlank(upTo: UInt8(ascii: "]"))
        case UInt8(ascii: "\""): return value.isBlank(upTo: UInt8(ascii: "\""))
        default: return Self.emptyLiterals.contains { value.count == $0.utf8CodeUnitCount && value.has($0, at: 0) }
        }
    }

    private static let emptyLiterals: [StaticString] = ["null", "false", "0"]

    /// Whether the last byte is this one, with only white space between it and the first byte.
    private func isBlank(upTo last: UInt8) -> Bool {
        count > 1 && endOfBlanks(from: 1) == count - 1 && self[count - 1] == last
    }
}

extension JSONReader {
    /// Skips the next value of this text.
    /// - Returns: whether it is empty.
    mutating func skipsEmpty(of text: [UInt8]) throws(JSONError) -> Bool {
        let place = try skipValue()
        return text.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[place]).isEmptyJSON }
    }
}
