/// Is told what a value contains while the value is skipped, in the order of the text.
@usableFromInline package protocol JSONVisitor {
    /// An object or an array begins.
    mutating func open(isObject: Bool)
    mutating func close()
    /// The name of a member whose value comes next.
    mutating func see(key: JSONText)
    mutating func see(string: JSONText)
    mutating func see(_ scalar: JSONScalar)
}

/// A value that isn't a string, an object or an array.
@usableFromInline package enum JSONScalar {
    /// As it is written.
    case number(UnsafeRawBufferPointer)
    case bool(Bool), null
}

/// Ignores everything.
struct Skipping: JSONVisitor {
    mutating func open(isObject: Bool) {}
    mutating func close() {}
    mutating func see(key: JSONText) {}
    mutating func see(string: JSONText) {}
    mutating func see(_ scalar: JSONScalar) {}
}

/// Skips JSON in place and checks its grammar. Every byte of a prompt goes through this loop. Inlinable, so that it is
/// specialized for each visitor.
@usableFromInline struct JSONScanner {
    @usableFromInline let text: UnsafeRawBufferPointer
    /// Offset of the next byte to be read.
    @usableFromInline var position: Int
    /// How many more values the text may have.
    @usableFromInline var room: JSONRoom
    /// See `JSONReader`.
    @usableFromInline let allowsNonFinite: Bool

    @usableFromInline init(
        _ text: UnsafeRawBufferPointer, from position: Int, _ room: JSONRoom, allowsNonFinite: Bool = false
    ) {
        self.text = text
        self.position = position
        self.room = room
        self.allowsNonFinite = allowsNonFinite
    }

    /// Skips the next value, however deep.
    /// - Parameter depth: how many more objects and arrays may be open at once.
    @inlinable mutating func scanValue(within depth: Int, _ visitor: inout some JSONVisitor) throws(JSONError) {
        var nesting = Nesting()
        repeat {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""): visitor.see(string: try scanString())
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard room.takeSmall() else { throw JSONError(.tooMany, at: position) }
                let start = position
                try scanNumber()
                visitor.see(.number(written(from: start)))
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard nesting.depth < depth else { throw JSONError(.tooDeep, at: position) }
                guard room.takeLarge() else { throw JSONError(.tooMany, at: position) }
                let isObject = byte == UInt8(ascii: "{")
                nesting.open(isObject)
                position &+= 1
                visitor.open(isObject: isObject)
                guard try peek() == nesting.closer else {
                    if isObject { visitor.see(key: try scanKey()) }
                    continue
                }
            case UInt8(ascii: "t"):
                try scanLiteral("true")
                visitor.see(.bool(true))
            case UInt8(ascii: "f"):
                try scanLiteral("false")
                visitor.see(.bool(false))
            case UInt8(ascii: "n"):
                try scanLiteral("null")
                visitor.see(.null)
            case UInt8(ascii: "N") where allowsNonFinite, UInt8(ascii: "I") where allowsNonFinite:
                let start = position
                try scanNumber()
                visitor.see(.number(written(from: start)))
            default: throw JSONError(.unexpectedByte, at: position)
            }
            try closeFinished(&nesting, &visitor)
        } while nesting.depth > 0
    }

    /// What has been scanned since a position.
    @inlinable func written(from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.baseAddress.map { $0 + start }, count: position &- start)
    }

    /// Closes all containers that end here. Stops before the next value of the innermost open container.
    @inlinable mutating func closeFinished(
        _ nesting: inout Nesting, _ visitor: inout some JSONVisitor
    ) throws(JSONError) {
        while nesting.depth > 0 {
            let byte = try peek()
            if byte == UInt8(ascii: ",") {
                position &+= 1
                if nesting.isObject { visitor.see(key: try scanKey()) }
                return
            }
            guard byte == nesting.closer else { throw JSONError(.unexpectedByte, at: position) }
            position &+= 1
            nesting.close()
            visitor.close()
        }
    }

    @inlinable mutating func scanKey() throws(JSONError) -> JSONText {
        guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
        let key = try scanString()
        guard take(key) else { throw JSONError(.tooMany, at: position) }
        guard try peek() == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: position) }
        position &+= 1
        return key
    }

    @usableFromInline mutating func take(_ name: JSONText) -> Bool {
        room.take(nameOf: name.raw.count, hasEscapes: name.hasEscapes)
    }

    /// Skips a string and checks its escapes. The next byte must be its opening quote.
    @usableFromInline mutating func scanString() throws(JSONError) -> JSONText {
        guard room.takeLarge() else { throw JSONError(.tooMany, at: position) }
        position &+= 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlainRun()
            guard position < text.count else { throw JSONError(.unexpectedEnd, at: position) }
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                position &+= 1
                return JSONText(raw: .init(rebasing: text[start..<position &- 1]), hasEscapes: hasEscapes)
            }
            guard byte == UInt8(ascii: "\\") else { throw JSONError(.controlCharacter, at: position) }
            hasEscapes = true
            repeat { try scanEscape() } while position < text.count && text[position] == UInt8(ascii: "\\")
        }
    }

    /// Names, and the runs between two escapes, are mostly short. For these, reading bytes is faster than reading
    /// words.
    @inline(__always) private mutating func skipPlainRun() {
        var index = position
        let end = min(index &+ 8, text.count)
        while index < end {
            let byte = text[index]
            guard byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { return position = index }
            index &+= 1
        }
        position = text.endOfPlainRun(from: index)
    }

    private mutating func scanEscape() throws(JSONError) {
        guard position &+ 1 < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
        let byte = text[position &+ 1]
        if byte == UInt8(ascii: "u") {
            guard position &+ 6 <= text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
            guard text.hexadecimal(at: position &+ 2) != nil else { throw JSONError(.invalidEscape, at: position) }
            position &+= 6
        } else {
            guard UnsafeRawBufferPointer.meaning(ofEscape: byte) != nil else {
                throw JSONError(.invalidEscape, at: position)
            }
            position &+= 2
        }
    }

    @usableFromInline mutating func scanNumber() throws(JSONError) {
        if text[position] == UInt8(ascii: "-") { position &+= 1 }
        if allowsNonFinite, position < text.count {
            if text[position] == UInt8(ascii: "N") { return try scanLiteral("NaN") }
            if text[position] == UInt8(ascii: "I") { return try scanLiteral("Infinity") }
        }
        if position < text.count, text[position] == UInt8(ascii: "0") {
            position &+= 1
        } else {
            try scanDigits()
        }
        guard position < text.count else { return }
        if text[position] == UInt8(ascii: ".") {
            position &+= 1
            try scanDigits()
        }
        guard position < text.count, text[position] | 0x20 == UInt8(ascii: "e") else { return }
        position &+= 1
        if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
            position &+= 1
        }
        try scanDigits()
    }

    private mutating func scanDigits() throws(JSONError) {
        let start = position
        while position < text.count, text[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        guard position > start else {
            throw JSONError(position < text.count ? .unexpectedByte : .unexpectedEnd, at: position)
        }
    }

    @usableFromInline mutating func scanLiteral(_ literal: StaticString) throws(JSONError) {
        guard room.takeSmall() else { throw JSONError(.tooMany, at: position) }
        for byte in literal.utf8Bytes {
            guard position < text.count else { throw JSONError(.unexpectedEnd, at: position) }
            guard text[position] == byte else { throw JSONError(.unexpectedByte, at: position) }
            position &+= 1
        }
    }

    /// The next byte that isn't white space, without reading it.
    @inline(__always) @inlinable mutating func peek() throws(JSONError) -> UInt8 {
        while position < text.count {
            let byte = text[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position &+= 1
        }
        throw JSONError(.unexpectedEnd, at: position)
    }
}

/// How many more values a text may have. A name, a string, an object or an array counts as eight numbers.
@usableFromInline struct JSONRoom {
    private var left: Int
    /// In bytes. Hardly any meaningful name is longer.
    private static let longestName = 32
    private static let longestCompared = 256

    /// - Parameter count: how many names, strings, objects and arrays the text may have.
    init(for count: Int) { left = count.multipliedReportingOverflow(by: 8).overflow ? .max : count * 8 }

    @usableFromInline mutating func takeLarge() -> Bool {
        left &-= 8
        return left >= 0
    }

    @usableFromInline mutating func takeSmall() -> Bool {
        left &-= 1
        return left >= 0
    }

    /// Takes room for a name. Names are compared with others; resolving escapes or comparing a long name takes longer
    /// than reading it. So each byte of such a name counts as a number, up to the longest name that is compared.
    @usableFromInline mutating func take(nameOf length: Int, hasEscapes: Bool) -> Bool {
        if hasEscapes || length > Self.longestName { left &-= min(length, Self.longestCompared) }
        return left >= 0
    }
}

/// Which of the open containers are objects: one bit for each.
@usableFromInline struct Nesting {
    static let deepest = 512

    @usableFromInline var bits = InlineArray<8, UInt64>(repeating: 0)
    @usableFromInline var depth = 0
    @usableFromInline var isObject = false

    @inlinable init() {}

    /// The closing bracket of the innermost container.
    @inlinable var closer: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

    /// The depth must be less than `deepest`.
    @inlinable mutating func open(_ isObject: Bool) {
        let bit: UInt64 = 1 &<< UInt64(depth & 63)
        if isObject { bits[depth >> 6] |= bit } else { bits[depth >> 6] &= ~bit }
        depth &+= 1
        self.isObject = isObject
    }

    @inlinable mutating func close() {
        depth &-= 1
        guard depth > 0 else { return }
        let outer = depth &- 1
        isObject = bits[outer >> 6] &>> UInt64(outer & 63) & 1 == 1
    }
}
