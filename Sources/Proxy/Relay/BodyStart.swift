/// What a body is by how it begins, whatever its `Content-Type` says.
enum BodyStart: Equatable {
    /// Server-sent events: a field or a comment, behind a byte order mark and empty lines if there are any.
    case events
    /// A JSON object or array.
    case json
    case other

    /// With the colon, since no provider writes a field without: "data" may begin a text.
    private static let fields: [StaticString] = ["data:", "event:", "id:", "retry:", ":"]
    /// llama.cpp's, in any case. With the brace, since many a text begins with "Error:".
    private static let errorFields: [StaticString] = ["error: {", "error:{"]

    /// Nil if more bytes are needed to tell.
    /// - Parameter start: what is known to be white space ends there.
    init?(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) {
        let index = bytes.startOfContent(from: start)
        guard index < bytes.count, index > 0 || bytes.begins(with: UnsafeRawBufferPointer.mark, at: 0) != nil else {
            return nil
        }
        let isLineStart = index == bytes.endOfMark || bytes[index - 1] == 0x0A || bytes[index - 1] == 0x0D
        if bytes[index] == UInt8(ascii: "{") || bytes[index] == UInt8(ascii: "[") {
            self = .json
            return
        }
        let isField =
            Self.fields.map { bytes.begins(with: $0, at: index) }
            + Self.errorFields.map { bytes.begins(with: $0, at: index, ignoringCase: true) }
        if isLineStart, isField.contains(true) {
            self = .events
        } else if isLineStart, isField.contains(nil) {
            return nil
        } else {
            self = .other
        }
    }
}

extension UnsafeRawBufferPointer {
    /// A byte order mark in UTF-8. It is one at the very start only.
    static let mark: StaticString = "\u{FEFF}"

    /// The offset behind a byte order mark; 0 if there is none.
    fileprivate var endOfMark: Int { has(Self.mark, at: 0) ? Self.mark.utf8CodeUnitCount : 0 }

    /// The offset of the first byte behind a byte order mark and white space; the end if there is none.
    var startOfContent: Int { startOfContent(from: 0) }

    /// - Parameter start: what is known to be white space ends there.
    func startOfContent(from start: Int) -> Int { endOfBlanks(from: start > 0 ? start : endOfMark) }

    /// Whether a word in lower case stands at this offset; nil if the bytes end within it.
    fileprivate func begins(with word: StaticString, at start: Int, ignoringCase: Bool = false) -> Bool? {
        for index in 0..<word.utf8CodeUnitCount {
            guard start + index < count else { return nil }
            let (byte, letter) = (self[start + index], word.utf8Start[index])
            guard byte == letter || ignoringCase && UInt8.isSameLetter(byte, letter) else { return false }
        }
        return true
    }
}

extension [UInt8] {
    /// Without a byte order mark, at which parsers of JSON fail.
    var withoutMark: [UInt8] {
        let end = withUnsafeBytes { $0.endOfMark }
        return end > 0 ? Array(self[end...]) : self
    }
}
