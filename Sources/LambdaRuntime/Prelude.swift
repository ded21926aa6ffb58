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
        let head = JSONValue.object([("statusCode", .integer(status.code)), ("headers", .object(headers))])
        return head.serialized + [UInt8](repeating: 0, count: 8)
    }

    /// A JSON object has one value for each name: fields that occur twice are joined, as RFC 9110 allows. In one pass, since
    /// an upstream may send thousands.
    private var headers: [(key: String, value: JSONValue)] {
        var places: [String: Int] = [:]
        var names: [String] = []
        var values: [String] = []
        for field in fields {
            let name = field.name.canonicalName
            if let place = places[name] {
                values[place] += (field.name == .cookie ? "; " : ", ") + field.value
            } else {
                places[name] = names.count
                names.append(name)
                values.append(field.value)
            }
        }
        return zip(names, values).map { ($0, .string($1)) }
    }
}
