/// Looks at the first member of an object, or of the first object in an array.
struct ErrorProbe {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    /// - Returns: nil if it is no error.
    mutating func find() -> JSONStart? {
        if bytes[position] == UInt8(ascii: "[") { _ = next() }
        guard next() == UInt8(ascii: "{") else { return nil }
        if reads(["\"error\""]) { return readsSomething() ? .error : nil }
        if reads(["\"object\"", "\"type\""]) { return readsColon() && reads(["\"error\""]) ? .error : nil }
        if reads(["\"errors\"", "\"error_code\"", "\"error_msg\""]) { return readsSomething() ? .perhapsError : nil }
        return nil
    }

    /// Whether the value of a member that is called `error` is one. It may be cut off.
    static func isError(_ value: ArraySlice<UInt8>) -> Bool {
        value.withUnsafeBytes { bytes in
            var probe = ErrorProbe(bytes: bytes, position: 0)
            return probe.readsValue()
        }
    }

    private mutating func readsSomething() -> Bool { readsColon() && readsValue() }

    /// Whether a value follows that is neither empty nor false: some servers write `"error": null` into every answer.
    private mutating func readsValue() -> Bool {
        guard let first = next() else { return false }
        switch first {
        case UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "0"): return false
        case UInt8(ascii: "\""): return position < bytes.count && bytes[position] != UInt8(ascii: "\"")
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return next().map { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "]") } ?? false
        default: return true
        }
    }

    private mutating func readsColon() -> Bool { next() == UInt8(ascii: ":") }

    /// Whether one of these words follows.
    private mutating func reads(_ words: [StaticString]) -> Bool {
        skipWhiteSpace()
        guard let word = words.first(where: { bytes.has($0, at: position) }) else { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    /// The next byte that isn't white space.
    private mutating func next() -> UInt8? {
        skipWhiteSpace()
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count, bytes[position].isWhiteSpace { position += 1 }
    }
}
