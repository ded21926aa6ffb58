/// The name of a member. It is compared by its bytes: to compare or hash a `String` that isn't ASCII takes Swift time
/// that grows with the square of its combining marks.
package struct JSONKey: Sendable {
    /// In UTF-8, without escapes.
    package let bytes: ArraySlice<UInt8>

    /// Where a name is kept or shown.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package static func == (key: JSONKey, name: StaticString) -> Bool {
        key.bytes.count == name.utf8CodeUnitCount && key.bytes.elementsEqual(name.utf8Bytes)
    }

    package static func ~= (name: StaticString, key: JSONKey) -> Bool { key == name }
}
