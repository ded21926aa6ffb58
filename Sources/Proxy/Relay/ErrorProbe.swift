/// Tells from its first bytes whether a JSON text is an object that begins with an `error`.
///
/// What is empty or false is none: some servers write `"error": null` into every answer.
struct ErrorProbe {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// - Returns: nil if more bytes are needed to tell.
    static func finds(in bytes: UnsafeRawBufferPointer) -> Bool? {
        var probe = ErrorProbe(bytes: bytes)
        return probe.find()
    }

    private mutating func find() -> Bool? {
        for expected: StaticString in ["{", "\"error\"", ":"] {
            skipWhiteSpace()
            guard let isThere = read(expected) else { return nil }
            guard isThere else { return false }
        }
        guard let first = next() else { return nil }
        switch first {
        case UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "0"): return false
        case UInt8(ascii: "\""): return position < bytes.count ? bytes[position] != UInt8(ascii: "\"") : nil
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return next().map { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "]") }
        default: return true
        }
    }

    private mutating func read(_ text: StaticString) -> Bool? {
        for index in 0..<text.utf8CodeUnitCount {
            guard position < bytes.count else { return nil }
            guard bytes[position] == text.utf8Start[index] else { return false }
            position += 1
        }
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
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }
}
