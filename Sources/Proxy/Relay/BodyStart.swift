/// What a body is by how it begins, whatever its `Content-Type` says.
enum BodyStart: Equatable {
    /// Server-sent events: a field or a comment, behind a byte order mark and empty lines if there are any.
    case events
    /// A JSON object or array.
    case json
    case other

    private static let mark: StaticString = "\u{FEFF}"
    /// With the colon, since no provider writes a field without: "data" may begin a text. `error` is llama.cpp's.
    private static let fields: [StaticString] = ["data:", "event:", "id:", "retry:", ":", "error: {", "error:{"]

    /// Nil if more bytes are needed to tell.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        switch bytes.begins(with: Self.mark, at: 0) {
        case true?: index = Self.mark.utf8CodeUnitCount
        case nil: return nil
        case false?: break
        }
        var isLineStart = true
        while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) {
            isLineStart = bytes[index] == 0x0A || bytes[index] == 0x0D
            index += 1
        }
        guard index < bytes.count else { return nil }
        let isField = isLineStart ? Self.fields.map { bytes.begins(with: $0, at: index) } : []
        if bytes[index] == UInt8(ascii: "{") || bytes[index] == UInt8(ascii: "[") {
            self = .json
        } else if isField.contains(true) {
            self = .events
        } else if isField.contains(nil) {
            return nil
        } else {
            self = .other
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The offset of the first byte behind a byte order mark and white space; the end if there is none.
    var startOfContent: Int {
        var index = has("\u{FEFF}", at: 0) ? 3 : 0
        while index < count, self[index].isWhiteSpace { index += 1 }
        return index
    }

    /// Whether a word stands at this offset; nil if the bytes end within it.
    fileprivate func begins(with word: StaticString, at start: Int) -> Bool? {
        for index in 0..<word.utf8CodeUnitCount {
            guard start + index < count else { return nil }
            guard self[start + index] == word.utf8Start[index] else { return false }
        }
        return true
    }
}

extension [UInt8] {
    /// Without a byte order mark, at which parsers of JSON fail.
    var withoutMark: [UInt8] { withUnsafeBytes { $0.has("\u{FEFF}", at: 0) } ? Array(dropFirst(3)) : self }
}
