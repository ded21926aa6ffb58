import FoundationEssentials
import HTTPTypes
import JSONBytes

@testable import LambdaRuntime

/// Only JSON is accepted as an event, always in the same way, and what was read as a request through any door reads the
/// same after it is written as an event of a function URL.
enum EventFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        let arrival = FrontDoors(restAPIStreams: false).open(input)
        require(FrontDoors(restAPIStreams: false).open(input) == arrival, "\(arrival) reads otherwise a second time")
        if case .refused(_, nil) = arrival { return }
        require(JSONGrammar.accepts(input), "what isn't JSON was read as an event")
        guard case .request(let event, let door) = arrival else { return }
        let streamed: FrontDoor = if case .restAPI = door { .restAPI(streams: true) } else { door }
        require(
            FrontDoors(restAPIStreams: true).open(input) == .request(event, streamed),
            "\(event) reads otherwise if REST APIs stream")
        if !event.hasTooManyFields { checkThroughFunctionURL(event) }
    }

    private static func checkThroughFunctionURL(_ event: HTTPEvent) {
        var expected = event
        expected.sender = .anybody
        let encoded = written(event, body: Data(event.body).base64EncodedString(), isBase64: true)
        require(isRead(encoded, as: expected), "\(event) reads otherwise with its body in base64")
        guard let text = String(validating: event.body, as: UTF8.self) else { return }
        let plain = written(event, body: text, isBase64: false)
        require(isRead(plain, as: expected), "\(event) reads otherwise with its body as text")
    }

    private static func isRead(_ input: [UInt8], as event: HTTPEvent) -> Bool {
        FrontDoors().open(input) == .request(event, .functionURL)
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
