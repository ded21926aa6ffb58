import Digests
package import HTTPTypes
import JSONBytes

/// The HTTP request inside a function URL's event (payload format 2.0).
package struct HTTPEvent: Equatable, Sendable {
    /// Far more than clients send. swift-http-types crashes at 65,535.
    package static let mostFields = 1000
    /// The limit for all names and values together, in bytes. Lambda's own is much lower.
    package static let largestFields = 256 * 1024

    package var method: HTTPRequest.Method
    /// As the caller wrote it: not decoded.
    package var path: String
    /// Without the question mark; empty if there is none.
    package var query: String
    package var fields: HTTPFields
    package var body: [UInt8]
    /// The request exceeded a limit above, so some fields are missing.
    package var hasTooManyFields = false

    package init(
        method: HTTPRequest.Method, path: String, query: String = "", fields: HTTPFields = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
    }
}

extension HTTPEvent {
    /// The reason that an event is not an HTTP request.
    package struct DecodingError: Error, Equatable {
        package let message: String
    }

    /// Decodes an event.
    package init(decoding payload: [UInt8]) throws(DecodingError) {
        let members: Members
        do throws(JSONError) {
            members = try Members(payload)
        } catch {
            throw DecodingError(message: "the event can't be read: \(error)")
        }
        self = try members.event()
    }
}

/// The members of an event that the proxy uses, while they are decoded.
private struct Members {
    var method: String?
    var path: String?
    var query = ""
    var fields = HTTPFields()
    var hasTooManyFields = false
    private var fieldBytes = 0
    var body: [UInt8]?
    var isBase64 = false

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.readObject { key, reader throws(JSONError) in try read(key, &reader) }
        try reader.finish()
    }

    private mutating func read(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        // A null member counts as absent.
        guard try reader.peekKind() != .null else { return try _ = reader.skipValue() }
        switch key {
        case "rawPath": path = try reader.readString()
        case "rawQueryString": query = try reader.readString()
        case "body": body = try reader.readStringBytes()
        case "isBase64Encoded": isBase64 = try reader.readBool()
        case "headers":
            try reader.readObject { name, reader throws(JSONError) in try readField(name, &reader) }
        case "requestContext":
            try reader.readObject { key, reader throws(JSONError) in try readContext(key, &reader) }
        default: try reader.skipValue()
        }
    }

    private mutating func readField(_ name: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .string, !hasTooManyFields else { return try _ = reader.skipValue() }
        let value = try reader.readString()
        fieldBytes += name.bytes.count + value.utf8.count
        guard fields.count < HTTPEvent.mostFields, fieldBytes <= HTTPEvent.largestFields else {
            return hasTooManyFields = true
        }
        if fields.isEmpty { fields.reserveCapacity(Self.usualFields) }
        if let name = HTTPField.Name(name.text) { fields.append(HTTPField(name: name, value: value)) }
    }

    /// Most requests have no more fields than this, so the array rarely grows.
    private static let usualFields = 16

    private mutating func readContext(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        guard key == "http", try reader.peekKind() == .object else { return try _ = reader.skipValue() }
        try reader.readObject { key, reader throws(JSONError) in
            if key == "method" { method = try reader.readString() } else { try reader.skipValue() }
        }
    }

    func event() throws(HTTPEvent.DecodingError) -> HTTPEvent {
        guard let path, let method else {
            let missing = path == nil ? "rawPath" : "requestContext.http.method"
            throw HTTPEvent.DecodingError(message: "not an HTTP request: the event has no \(missing)")
        }
        guard let method = HTTPRequest.Method(method) else {
            throw HTTPEvent.DecodingError(message: "the event's HTTP method is not valid")
        }
        var event = HTTPEvent(method: method, path: path, query: query, fields: fields, body: try decodedBody())
        event.hasTooManyFields = hasTooManyFields
        return event
    }

    private func decodedBody() throws(HTTPEvent.DecodingError) -> [UInt8] {
        guard let body, isBase64 else { return body ?? [] }
        guard let decoded = Base64.decode(body) else {
            throw HTTPEvent.DecodingError(message: "the event's body is not base64, although isBase64Encoded is true")
        }
        return decoded
    }
}
