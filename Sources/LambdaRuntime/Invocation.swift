import Digests
package import HTTPTypes
import JSONBytes
import Transport

/// One invocation: its id, its deadline and its event.
package struct Invocation: Sendable {
    package let id: String
    /// The nonce of this attempt, if Lambda sent one.
    let attempt: String?
    /// When Lambda ends the invocation, in milliseconds since 1970.
    package let deadline: Int64?
    /// The AWS X-Ray trace header: at most 512 printable ASCII characters.
    package let trace: String?
    package let payload: EventPayload

    /// Reads the response to a poll. Nil without a request id, since there would be nothing to respond to.
    package init?(fields: HTTPFields, payload: [UInt8]) {
        guard let id = fields.value(of: .requestID), !id.isEmpty else { return nil }
        self.id = id
        attempt = fields.value(of: .invocationID)
        // The bounds keep arithmetic with it from overflowing.
        deadline = fields.value(of: .deadline).flatMap { Int64($0) }.map { min(max(0, $0), 1 << 53) }
        trace = fields.value(of: .trace).flatMap { Self.isPrintable($0) ? $0 : nil }
        self.payload = EventPayload(payload)
    }

    /// Whether the text can be passed on unchanged in a header field.
    private static func isPrintable(_ text: String) -> Bool {
        (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Milliseconds from `now` to the deadline: nil without a deadline, negative after it.
    package func timeLeft(at now: Int64) -> Int? {
        deadline.map { Int($0 - now) }
    }
}

/// An event's bytes. The decoder takes them out, so that a long stream doesn't keep its prompt in memory.
///
/// `@unchecked Sendable`: used on the loop only.
package final class EventPayload: @unchecked Sendable {
    private var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Returns the bytes the first time; empty afterwards.
    package func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }
}

/// An error report for the Runtime API.
package struct InvocationError: Error, Equatable, Sendable {
    /// `Function.` and a name in camel case. Workflows match on it, and AWS renames types of any other form.
    package let type: String
    package let message: String

    package init(_ name: String, _ message: String) {
        type = "Function.\(name)"
        self.message = message
    }

    var json: [UInt8] {
        JSONValue.object([
            ("errorType", .string(type)), ("errorMessage", .string(message)), ("stackTrace", .array([])),
        ]).serialized
    }

    /// For a response that has already begun: sent after its last chunk.
    package var trailers: HTTPFields {
        [.errorType: type, .errorBody: Base64.encode(json)]
    }
}
