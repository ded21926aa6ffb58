/// A value inside a JSON text that is known to be valid. Nothing is decoded or copied before it is asked for.
package struct JSONSlice: Sendable {
    private let text: [UInt8]
    /// Where the value stands in the text, without white space around it.
    package let range: Range<Int>

    /// - Parameters:
    ///   - text: one JSON value, with or without white space around it.
    ///   - maximumDepth: how many objects and arrays may be open at once, at most 512.
    package init(_ text: [UInt8], maximumDepth: Int = 512) throws(JSONError) {
        var reader = JSONReader(text, maximumDepth: maximumDepth)
        let range = try reader.skipValue()
        try reader.finish()
        self.init(text, range)
    }

    private init(_ text: [UInt8], _ range: Range<Int>) { (self.text, self.range) = (text, range) }

    /// The value as it is written.
    package var raw: ArraySlice<UInt8> { text[range] }

    package var kind: JSONReader.Kind {
        var reader = reader
        return (try? reader.peekKind()) ?? .null
    }

    package var isNull: Bool { kind == .null }

    /// Nil if it isn't a string.
    package var string: String? {
        var reader = reader
        return try? reader.readString()
    }

    /// A string to be compared with known words; nil if it isn't one, is long, or isn't ASCII. Swift's time for
    /// comparing or hashing a non-ASCII `String` grows with the square of the number of combining marks.
    package var word: String? {
        guard range.count <= Self.longestWord, let string, string.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        return string
    }

    /// As written, in bytes.
    private static let longestWord = 256

    /// Nil if it isn't true or false.
    package var bool: Bool? {
        var reader = reader
        return try? reader.readBool()
    }

    /// Nil if it isn't a whole number.
    package var integer: Int? {
        var reader = reader
        return (try? reader.readWholeNumber()) ?? nil
    }

    /// Nil if it isn't a number.
    package var double: Double? { kind == .number ? Double(String(decoding: raw, as: UTF8.self)) : nil }

    /// The elements of an array; nil if it isn't one.
    package var elements: [JSONSlice]? {
        guard kind == .array else { return nil }
        var (reader, elements) = (reader, [JSONSlice]())
        try? reader.readArray { reader throws(JSONError) in elements.append(JSONSlice(text, try reader.skipValue())) }
        return elements
    }

    /// The members of an object, in their order; nil if it isn't one.
    package var members: [(key: JSONKey, value: JSONSlice)]? {
        guard kind == .object else { return nil }
        var (reader, members) = (reader, [(key: JSONKey, value: JSONSlice)]())
        try? reader.readObject { key, reader throws(JSONError) in
            members.append((key, JSONSlice(text, try reader.skipValue())))
        }
        return members
    }

    /// The value of a member; nil if it isn't there or is null. Of several, the last counts, as in most parsers.
    package subscript(_ key: StaticString) -> JSONSlice? {
        guard kind == .object else { return nil }
        var (reader, found) = (reader, Range<Int>?.none)
        try? reader.readObject { name, reader throws(JSONError) in
            let place = try reader.skipValue()
            if name == key { found = place }
        }
        let value = found.map { JSONSlice(text, $0) }
        return value?.isNull == true ? nil : value
    }

    private var reader: JSONReader { JSONReader(text, from: range.lowerBound) }
}

extension [(key: JSONKey, value: JSONSlice)] {
    /// The value of a member, as in `JSONSlice`.
    package subscript(_ key: StaticString) -> JSONSlice? {
        let value = last { $0.key == key }?.value
        return value?.isNull == true ? nil : value
    }
}
