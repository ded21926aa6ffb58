/// A JSON value to be written. Members keep their order.
package enum JSONValue: Sendable {
    case string(String)
    case integer(Int)
    case bool(Bool)
    case null
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])
    /// A value's JSON text, which is written as it is.
    case raw(ArraySlice<UInt8>)

    /// The text of this value in UTF-8, without white space.
    package var serialized: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    /// Appends the text of this value.
    package func write(to output: inout [UInt8]) {
        switch self {
        case .string(let text): Self.write(text, to: &output)
        case .integer(let number): output.append(contentsOf: String(number).utf8)
        case .bool(let isTrue): output.append(contentsOf: (isTrue ? "true" : "false").utf8)
        case .null: output.append(contentsOf: "null".utf8)
        case .raw(let text): output.append(contentsOf: text)
        case .array(let elements):
            Self.write(elements, between: "[", and: "]", to: &output) { element, output in element.write(to: &output) }
        case .object(let members):
            Self.write(members, between: "{", and: "}", to: &output) { member, output in
                Self.write(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between open: Unicode.Scalar, and close: Unicode.Scalar, to output: inout [UInt8],
        each write: (Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: open))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(element, &output)
        }
        output.append(UInt8(ascii: close))
    }

    static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        let isPlain = text.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).isPlain }
        if isPlain == true { return output.append(contentsOf: text.utf8) }
        for byte in text.utf8 { write(character: byte, to: &output) }
    }

    /// Appends a byte of a string, with an escape if it needs one.
    static func write(character byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): write(escape: byte, to: &output)
        case 0x0A: write(escape: UInt8(ascii: "n"), to: &output)
        case 0x0D: write(escape: UInt8(ascii: "r"), to: &output)
        case 0x09: write(escape: UInt8(ascii: "t"), to: &output)
        case 0..<0x20, 0x7F:
            output.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
            output.append(contentsOf: String(byte, radix: 16).utf8)
        default: output.append(byte)
        }
    }

    private static func write(escape byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
    }
}

/// Writes one JSON object member by member, without building a tree: for lines that are written often.
package struct JSONObjectWriter {
    package private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: how many bytes to make room for.
    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
        bytes.append(UInt8(ascii: "{"))
    }

    /// - Parameter key: must not contain anything that needs an escape.
    package mutating func add(_ key: StaticString, _ text: String) {
        begin(key)
        JSONValue.write(text, to: &bytes)
    }

    /// - Parameter key: any text.
    package mutating func add(name key: String, _ text: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        JSONValue.write(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        JSONValue.write(text, to: &bytes)
    }

    package mutating func add(_ key: StaticString, _ number: Int) {
        begin(key)
        append(String(number))
    }

    /// NaN and infinities are written as null.
    package mutating func add(_ key: StaticString, _ number: Double) {
        begin(key)
        append(number.isFinite ? number.description : "null")
    }

    /// - Parameter json: the JSON text of a value.
    package mutating func add(_ key: StaticString, json: some Sequence<UInt8>) {
        begin(key)
        bytes.append(contentsOf: json)
    }

    package mutating func end() { bytes.append(UInt8(ascii: "}")) }

    /// Ends the object and its line.
    package mutating func endLine() {
        end()
        bytes.append(0x0A)
    }

    private mutating func begin(_ key: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: key.utf8Bytes)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}

extension StaticString {
    package var utf8Bytes: UnsafeBufferPointer<UInt8> { .init(start: utf8Start, count: utf8CodeUnitCount) }
}
