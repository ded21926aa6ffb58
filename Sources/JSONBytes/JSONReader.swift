/// Reads values from one JSON text (RFC 8259), in one pass and without building a tree.
///
/// The caller reads the members it wants and skips the others. Skipped values are checked, too. Recursion doesn't
/// depend on the input: nesting is bounded by `maximumDepth`, not by the stack.
@usableFromInline package struct JSONReader {
    /// What kind of value comes next.
    package enum Kind: Equatable { case object, array, string, number, bool, null }

    @usableFromInline let bytes: [UInt8]
    @usableFromInline let maximumDepth: Int
    /// Whether `NaN`, `Infinity` and `-Infinity` are numbers.
    @usableFromInline let allowsNonFinite: Bool
    @usableFromInline var depth = 0
    @usableFromInline var room: JSONRoom
    /// Offset of the next byte to be read.
    @usableFromInline package internal(set) var position = 0

    /// - Parameters:
    ///   - position: where the value to read begins.
    ///   - maximumDepth: how many objects and arrays may be open at once, at most 512. More is an error.
    ///   - maximumCount: how many names, strings, objects and arrays the text may have. Of other values it may have
    ///     eight times as many.
    ///   - allowsNonFinite: whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python writes them
    ///     (https://docs.python.org/3/library/json.html#infinite-and-nan-number-values).
    package init(
        _ bytes: [UInt8], from position: Int = 0, maximumDepth: Int = 512, maximumCount: Int = .max,
        allowsNonFinite: Bool = false
    ) {
        self.bytes = bytes
        self.position = position
        self.allowsNonFinite = allowsNonFinite
        room = JSONRoom(for: maximumCount)
        self.maximumDepth = min(maximumDepth, Nesting.deepest)
    }

    /// The kind of the next value, judged by its first byte. Skips white space, but doesn't read the value.
    package mutating func peekKind() throws(JSONError) -> Kind {
        switch try peek() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        case UInt8(ascii: "N") where allowsNonFinite, UInt8(ascii: "I") where allowsNonFinite: .number
        default: throw JSONError(.unexpectedByte, at: position)
        }
    }

    /// Reads an object. `member` is called with each key, and must read or skip that key's value.
    package mutating func readObject(
        _ member: (_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "{"))
        guard try peek() != UInt8(ascii: "}") else { return close() }
        while true {
            let key = try readKey()
            try expect(UInt8(ascii: ":"))
            try member(key, &self)
            guard try continues(until: UInt8(ascii: "}")) else { return close() }
        }
    }

    private mutating func readKey() throws(JSONError) -> JSONKey {
        let start = try peek() == UInt8(ascii: "\"") ? position + 1 : position
        // A key without escapes isn't copied.
        let unescaped = try scanString { text in text.hasEscapes ? text.bytes : nil }
        guard room.take(nameOf: position - start - 1, hasEscapes: unescaped != nil) else {
            throw JSONError(.tooMany, at: position)
        }
        return JSONKey(bytes: unescaped.map { $0[...] } ?? bytes[start..<position - 1])
    }

    /// Reads an array. `element` is called for each value, and must read or skip it.
    package mutating func readArray(
        _ element: (_ reader: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "["))
        guard try peek() != UInt8(ascii: "]") else { return close() }
        while true {
            try element(&self)
            guard try continues(until: UInt8(ascii: "]")) else { return close() }
        }
    }

    package mutating func readBool() throws(JSONError) -> Bool {
        switch try peekKind() {
        case .bool:
            let isTrue = bytes[position] == UInt8(ascii: "t")
            try readLiteral(isTrue ? "true" : "false")
            return isTrue
        default: throw JSONError(.wrongType, at: position)
        }
    }

    /// Reads a number that has no fraction and no exponent.
    package mutating func readInteger() throws(JSONError) -> Int {
        guard try peekKind() == .number else { throw JSONError(.wrongType, at: position) }
        let place = try skipValue()
        guard let number = Int(String(decoding: bytes[place], as: UTF8.self)) else {
            throw JSONError(.wrongType, at: place.lowerBound)
        }
        return number
    }

    /// Reads a number, which may have a fraction or an exponent, as a whole number.
    /// - Returns: nil if its value isn't whole, or is too large to be exact.
    package mutating func readWholeNumber() throws(JSONError) -> Int? {
        guard try peekKind() == .number else { throw JSONError(.wrongType, at: position) }
        let text = String(decoding: bytes[try skipValue()], as: UTF8.self)
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }

    /// Reads a string. An unpaired surrogate escape becomes U+FFFD.
    package mutating func readString() throws(JSONError) -> String {
        try scanString { text in text.withBytes { String(decoding: $0, as: UTF8.self) } }
    }

    /// Reads a string as UTF-8 bytes, with its escapes resolved.
    package mutating func readStringBytes() throws(JSONError) -> [UInt8] { try scanString { $0.bytes } }

    /// Skips the next value, however deep, and checks its grammar.
    /// - Returns: the range of the value in the text.
    @discardableResult
    package mutating func skipValue() throws(JSONError) -> Range<Int> {
        var visitor = Skipping()
        return try walkValue(&visitor)
    }

    /// Skips the next value, and tells the visitor what it contains.
    /// - Returns: the range of the value in the text.
    @discardableResult
    @inlinable package mutating func walkValue(_ visitor: inout some JSONVisitor) throws(JSONError) -> Range<Int> {
        skipWhiteSpace()
        let start = position
        (position, room) = try bytes.withUnsafeBufferPointer { text throws(JSONError) in
            var scanner = JSONScanner(UnsafeRawBufferPointer(text), from: start, room, allowsNonFinite: allowsNonFinite)
            try scanner.scanValue(within: maximumDepth - depth, &visitor)
            return (scanner.position, scanner.room)
        }
        return start..<position
    }

    private mutating func scanString<Result>(_ read: (JSONText) -> Result) throws(JSONError) -> Result {
        guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.wrongType, at: position) }
        let result: Result
        (result, position, room) = try bytes.withUnsafeBufferPointer { text throws(JSONError) in
            var scanner = JSONScanner(
                UnsafeRawBufferPointer(text), from: position, room, allowsNonFinite: allowsNonFinite)
            let string = try scanner.scanString()
            return (read(string), scanner.position, scanner.room)
        }
        return result
    }

    /// Checks that nothing but white space is left.
    package mutating func finish() throws(JSONError) {
        skipWhiteSpace()
        guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
    }
}

// MARK: - Single bytes

extension JSONReader {
    @usableFromInline mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// The next byte that isn't white space, without reading it.
    mutating func peek() throws(JSONError) -> UInt8 {
        skipWhiteSpace()
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        return bytes[position]
    }

    mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard try peek() == byte else { throw JSONError(.unexpectedByte, at: position) }
        position += 1
    }

    mutating func readLiteral(_ literal: StaticString) throws(JSONError) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
            guard bytes[position] == literal.utf8Start[index] else { throw JSONError(.unexpectedByte, at: position) }
            position += 1
        }
    }

    private mutating func open(_ bracket: UInt8) throws(JSONError) {
        guard try peek() == bracket else { throw JSONError(.wrongType, at: position) }
        guard depth < maximumDepth else { throw JSONError(.tooDeep, at: position) }
        guard room.takeLarge() else { throw JSONError(.tooMany, at: position) }
        depth += 1
        position += 1
    }

    private mutating func close() {
        depth -= 1
        position += 1
    }

    /// After a value: reads a comma, or stops before the closing bracket.
    private mutating func continues(until bracket: UInt8) throws(JSONError) -> Bool {
        switch try peek() {
        case UInt8(ascii: ","):
            position += 1
            return true
        case bracket: return false
        default: throw JSONError(.unexpectedByte, at: position)
        }
    }
}

/// Why some bytes are not the JSON that was expected, and where.
@usableFromInline package struct JSONError: Error, Equatable {
    /// Each is a sentence about the text.
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
