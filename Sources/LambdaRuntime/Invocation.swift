import Digests
package import HTTPTypes
import JSONBytes
import Transport

/// One piece of work that Lambda hands out: who it is, how long it may take, and the event.
package struct Invocation: Sendable {
    package let id: String
    /// The nonce of this attempt, if Lambda sent one.
    let attempt: String?
    /// When Lambda ends the invocation, in milliseconds since 1970.
    package let deadline: Int64?
    /// How AWS X-Ray knows the invocation: at most 512 printable ASCII characters.
    package let trace: String?
    package let payload: EventPayload

    /// Reads the answer to `next`. Nil without a request id: then there is nothing that could be answered.
    package init?(fields: HTTPFields, payload: [UInt8]) {
        guard let id = fields.value(of: .requestID), !id.isEmpty else { return nil }
        self.id = id
        attempt = fields.value(of: .invocationID)
        // Any sensible time lies between; the bounds keep arithmetic on it from overflowing.
        deadline = fields.value(of: .deadline).flatMap { Int64($0) }.map { min(max(0, $0), 1 << 53) }
        trace = fields.value(of: .trace).flatMap { Self.isPrintable($0) ? $0 : nil }
        self.payload = EventPayload(payload)
    }

    /// Whether it can go on as it is, in a header field.
    private static func isPrintable(_ text: String) -> Bool {
        (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Milliseconds from `now` to the deadline: nil without one, negative when it has passed.
    package func timeLeft(at now: Int64) -> Int? {
        deadline.map { Int($0 - now) }
    }
}

/// An event's bytes, which whoever decodes them takes away: a stream of minutes must not keep its prompt.
///
/// `@unchecked Sendable`: used on the loop only.
package final class EventPayload: @unchecked Sendable {
    private var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The bytes, once; empty from then on.
    package func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }
}

/// A failure in the words of the Runtime API.
package struct InvocationError: Error, Equatable, Sendable {
    /// `Function.` and a name in camel case: workflows match on it, and AWS renames what looks different.
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

    /// For an answer whose first bytes have gone out: sent behind its last chunk.
    package var trailers: HTTPFields {
        [.errorType: type, .errorBody: Base64.encode(json)]
    }
}
