import HTTPTypes
import JSONBytes

/// Collects the header fields of an event, up to the limits of `HTTPEvent`.
struct FieldReader {
    private(set) var fields = HTTPFields()
    private(set) var hasTooMany = false
    /// Some value isn't a string.
    private(set) var hasOtherValues = false
    private var bytes = 0
    /// Most requests have no more fields than this, so the array rarely grows.
    private static let usualCount = 16

    /// Reads a field's value. Values that aren't strings are left out.
    mutating func read(_ name: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        let isText = try reader.peekKind() == .string
        hasOtherValues = hasOtherValues || !isText
        guard isText, !hasTooMany else { return try _ = reader.skipValue() }
        let value = try reader.readString()
        bytes += name.bytes.count + value.utf8.count
        guard fields.count < HTTPEvent.mostFields, bytes <= HTTPEvent.largestFields else { return hasTooMany = true }
        if fields.isEmpty { fields.reserveCapacity(Self.usualCount) }
        if let name = HTTPField.Name(name.text) { fields.append(HTTPField(name: name, value: value)) }
    }

    /// Reads an object with a list of values for each name.
    mutating func readLists(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readObject { name, reader throws(JSONError) in
            guard try reader.peekKind() == .array else { return try _ = reader.skipValue() }
            try reader.readArray { reader throws(JSONError) in try read(name, &reader) }
        }
    }
}
