/// Why some bytes are not the JSON that was expected, and where.
@usableFromInline package struct JSONError: Error, Equatable {
    /// As sentences about the text.
    @usableFromInline package enum Reason: String, Sendable {
        case unexpectedEnd = "it ends too early"
        case unexpectedByte = "it has a character that can't stand there"
        case invalidEscape = "it has an escape sequence that JSON doesn't have"
        case controlCharacter = "it has a control character inside a string"
        case invalidUTF8 = "it has bytes that are not UTF-8"
        case tooDeep = "it is nested too deeply"
        case tooMany = "it has too many values"
        case wrongType = "it has a value of another type than expected"
        case trailingBytes = "something follows its end"
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
