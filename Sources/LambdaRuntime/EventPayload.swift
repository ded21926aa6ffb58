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
