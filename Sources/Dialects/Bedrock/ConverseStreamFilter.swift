package import Transport

/// Turns the event stream of Bedrock's ConverseStream into OpenAI's server-sent events.
package struct ConverseStreamFilter: BodyFilter {
    /// What a stream begins with.
    package enum Beginning: Equatable {
        case events
        /// An exception before any event.
        case failure(BedrockFailure)
        /// Not an event stream; the text says why.
        case malformed(String)
    }

    package init(_ context: ChatContext) {}

    /// - Returns: nil if the first message isn't complete.
    package static func beginning(of bytes: UnsafeRawBufferPointer) -> Beginning? { .events }

    package mutating func receive(
        _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]
    ) -> BodyPipe.End? { nil }

    package mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        error.map { .failed($0) } ?? .complete
    }

    package mutating func fillSilence(into output: inout [UInt8]) {}
}
