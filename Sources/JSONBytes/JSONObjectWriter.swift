/// Writes one JSON object, member by member, straight into its bytes: for lines that are written often.
package struct JSONObjectWriter {
    package private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: how many bytes to make room for.
    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
        bytes.append(UInt8(ascii: "{"))
    }

    /// - Parameter key: without anything that would have to be escaped.
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

    /// What is no number (NaN, an infinity) is written as null.
    package mutating func add(_ key: StaticString, _ number: Double) {
        begin(key)
        append(number.isFinite ? number.description : "null")
    }

    /// - Parameter json: the text of a value.
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
