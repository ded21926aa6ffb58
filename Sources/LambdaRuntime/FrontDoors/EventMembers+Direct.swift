import Digests
import HTTPTypes
import JSONBytes
import Transport

/// The event of a direct invocation: `{"server", "path", "method", "headers", "body", "key"}`.
extension EventMembers {
    func directRequest(_ payload: [UInt8]) throws(EventProblem) -> HTTPEvent {
        guard let text = texts.path else { throw EventProblem("the event has no 'path'") }
        guard texts.server?.isEmpty != true else { throw EventProblem("the event's 'server' is empty") }
        // One of them could be a key.
        guard !fields.hasOtherValues else {
            throw EventProblem("the event's 'headers' has a value that is not a string")
        }
        let body = try directBody(payload)
        let method = texts.method ?? (body.isEmpty ? "GET" : "POST")
        guard let method = HTTPRequest.Method(method) else {
            throw EventProblem("the event's 'method' is not valid")
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var path = texts.server.map { "/" + PercentEncoding.encode($0.utf8) } ?? ""
        if parts[0].first != UInt8(ascii: "/") { path += "/" }
        path += String(decoding: parts[0], as: UTF8.self)
        let query = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
        var event = HTTPEvent(method: method, path: path, query: query, fields: fields.fields, body: body)
        event.hasTooManyFields = fields.hasTooMany
        event.sender = .invoker
        if let key = texts.key {
            for name in [HTTPField.Name.known("x-api-key"), .known("api-key")] { event.fields[name] = nil }
            event.fields[.authorization] = "Bearer " + key
        }
        if !body.isEmpty, event.fields.value(of: .contentType) == nil {
            event.fields[.contentType] = "application/json"
        }
        return event
    }

    /// A string is sent as it is, or decoded; any other value as its JSON text.
    private func directBody(_ payload: [UInt8]) throws(EventProblem) -> [UInt8] {
        if case .json(let place) = body { Array(payload[place]) } else { try wholeBody() }
    }
}
