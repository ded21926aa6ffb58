import FoundationEssentials
import HTTPTypes
import JSONBytes

@testable import LambdaRuntime

/// Only JSON is accepted as an event, and its request reads the same after it is written as an event again.
enum EventFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        guard let event = try? HTTPEvent(decoding: input) else { return }
        require(JSONGrammar.accepts(input), "what isn't JSON was read as an event")
        let encoded = written(event, body: Data(event.body).base64EncodedString(), isBase64: true)
        require((try? HTTPEvent(decoding: encoded)) == event, "\(event) reads otherwise with its body in base64")
        guard let text = String(validating: event.body, as: UTF8.self) else { return }
        let plain = written(event, body: text, isBase64: false)
        require((try? HTTPEvent(decoding: plain)) == event, "\(event) reads otherwise with its body as text")
    }

    private static func written(_ event: HTTPEvent, body: String, isBase64: Bool) -> [UInt8] {
        JSONValue.object([
            ("rawPath", .string(event.path)), ("rawQueryString", .string(event.query)),
            ("headers", .object(event.fields.map { ($0.name.rawName, .string($0.value)) })),
            ("requestContext", .object([("http", .object([("method", .string(event.method.rawValue))]))])),
            ("body", .string(body)), ("isBase64Encoded", .bool(isBase64)),
        ]).serialized
    }
}
