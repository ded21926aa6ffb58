package import HTTPTypes
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
