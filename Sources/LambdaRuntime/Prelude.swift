package import HTTPTypes
import JSONBytes
import Transport

/// The head of a streamed answer: what the function URL turns into a status line and header fields.
package struct Prelude: Equatable, Sendable {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields

    package init(_ status: HTTPResponse.Status, fields: HTTPFields = [:]) {
        self.status = status
        self.fields = fields
    }

    /// As it goes over the wire: one JSON object and eight NUL bytes.
    package var serialized: [UInt8] {
        var headers = JSONObjectWriter(capacity: Self.usualLength)
        for (name, value) in joinedFields { headers.add(name: name, value) }
        headers.end()
        var head = JSONObjectWriter(capacity: Self.usualLength)
        head.add("statusCode", status.code)
        head.add("headers", json: headers.bytes)
        head.end()
        return head.bytes + [UInt8](repeating: 0, count: 8)
    }

    /// Room for what most answers have. In bytes.
    private static let usualLength = 1024

    /// A JSON object has one value for each name: fields that occur twice are joined, as RFC 9110 allows. In one pass, since
    /// an upstream may send thousands.
    private var joinedFields: [(name: String, value: String)] {
        var joined: [(name: String, value: String)] = []
        joined.reserveCapacity(fields.count)
        var places = Dictionary<String, Int>(minimumCapacity: fields.count)
        for field in fields {
            let name = field.name.canonicalName
            if let place = places.updateValue(joined.count, forKey: name) {
                places[name] = place
                joined[place].value += (field.name == .cookie ? "; " : ", ") + field.value
            } else {
                joined.append((name, field.value))
            }
        }
        return joined
    }
}
