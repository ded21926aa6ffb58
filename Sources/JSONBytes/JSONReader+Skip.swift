extension JSONReader {
    /// Reads over the next value, however deep, and checks its grammar.
    /// - Returns: where the value stands in the text.
    @discardableResult
    package mutating func skipValue() throws(JSONError) -> Range<Int> {
        _ = try peek()
        let start = position
        var closers: [UInt8] = []
        repeat {
            try skipScalarOrOpen(&closers)
            try closeFinished(&closers)
        } while !closers.isEmpty
        return start..<position
    }

    /// Reads a whole scalar or an empty container, or the opening of a container up to its first value.
    private mutating func skipScalarOrOpen(_ closers: inout [UInt8]) throws(JSONError) {
        while true {
            switch try peekKind() {
            case .string: return _ = try scanString()
            case .number: return try skipNumber()
            case .bool, .null: return try skipLiteral()
            case .object:
                try push(UInt8(ascii: "}"), &closers)
                if try peek() == UInt8(ascii: "}") { return }
                try skipKey()
            case .array:
                try push(UInt8(ascii: "]"), &closers)
                if try peek() == UInt8(ascii: "]") { return }
            }
        }
    }

    /// Closes all containers that end here; returns before the next value of the innermost open one.
    private mutating func closeFinished(_ closers: inout [UInt8]) throws(JSONError) {
        while let closer = closers.last {
            let byte = try peek()
            if byte == closer {
                position += 1
                closers.removeLast()
            } else if byte == UInt8(ascii: ",") {
                position += 1
                if closer == UInt8(ascii: "}") { try skipKey() }
                return
            } else {
                throw JSONError(.unexpectedByte, at: position)
            }
        }
    }

    private mutating func push(_ closer: UInt8, _ closers: inout [UInt8]) throws(JSONError) {
        guard depth + closers.count < maximumDepth else { throw JSONError(.tooDeep, at: position) }
        closers.append(closer)
        position += 1
    }

    private mutating func skipKey() throws(JSONError) {
        guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
        _ = try scanString()
        try expect(UInt8(ascii: ":"))
    }

    private mutating func skipLiteral() throws(JSONError) {
        switch bytes[position] {
        case UInt8(ascii: "t"): try readLiteral("true")
        case UInt8(ascii: "f"): try readLiteral("false")
        default: try readLiteral("null")
        }
    }

    private mutating func skipNumber() throws(JSONError) {
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if allowsNonFinite, position < bytes.count {
            if bytes[position] == UInt8(ascii: "I") { return try readLiteral("Infinity") }
            if bytes[position] == UInt8(ascii: "N") { return try readLiteral("NaN") }
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return }
        position += 1
        if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
            position += 1
        }
        try skipDigits()
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > start else {
            throw JSONError(position < bytes.count ? .unexpectedByte : .unexpectedEnd, at: position)
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
