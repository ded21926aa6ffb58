/// Why some bytes are not the JSON that was expected, and where.
@usableFromInline package struct JSONError: Error, Equatable {
    @usableFromInline package enum Reason: String, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "a character that can't stand here"
        case invalidEscape = "an escape sequence that JSON doesn't have"
        case controlCharacter = "a control character inside a string"
        case invalidUTF8 = "bytes that are not UTF-8"
        case tooDeep = "nested too deeply"
        case tooMany = "too many values"
        case wrongType = "a value of another type than expected"
        case trailingBytes = "something after the end of the JSON text"
    }

    package let reason: Reason
    /// Offset in bytes from the start of the text.
    package let offset: Int

    @usableFromInline package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    @usableFromInline package var description: String { "\(reason.rawValue) (at byte \(offset))" }
}
