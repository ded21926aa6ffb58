/// What a JSON answer is, by how it begins.
enum JSONStart: Equatable {
    case answer
    /// It begins with an `error`, or says that it is one.
    case error
    /// It begins with a member that errors have, and perhaps an answer too.
    case perhapsError
    case nothing(NoAnswer)

    /// - Parameters:
    ///   - bytes: the beginning.
    ///   - isWhole: nothing follows.
    init(_ bytes: UnsafeRawBufferPointer, isWhole: Bool) {
        let start = bytes.startOfContent
        guard start < bytes.count else {
            self = isWhole ? .nothing(.empty) : .answer
            return
        }
        guard let closer = bytes[start].closer else {
            self = .nothing(bytes.isPage ? .page : .noJSON)
            return
        }
        var probe = ErrorProbe(bytes: bytes, position: start)
        let tells = probe.find() ?? .answer
        let isCutOff = isWhole && bytes.last { !$0.isWhiteSpace } != closer
        self = isCutOff && tells != .error ? .nothing(.cutOff) : tells
    }
}

/// Why an answer is none, though its status is one of success: what its body is instead.
enum NoAnswer: Equatable {
    case empty, page, noJSON, cutOff
    /// Where a list of models was asked for.
    case noList, longList
}

extension UnsafeRawBufferPointer {
    /// Whether it begins as HTML and XML do.
    var isPage: Bool {
        let start = startOfContent
        return start < count && self[start] == UInt8(ascii: "<")
    }
}

extension UInt8 {
    var isWhiteSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    /// With what a JSON object or array ends that begins with this; nil if none does.
    var closer: UInt8? {
        switch self {
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        default: nil
        }
    }
}

/// Looks at the first member of an object, or of the first object in an array.
private struct ErrorProbe {
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

    /// Whether a value follows that is neither empty nor false: some servers write `"error": null` into every answer.
    private mutating func readsSomething() -> Bool {
        guard readsColon(), let first = next() else { return false }
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
