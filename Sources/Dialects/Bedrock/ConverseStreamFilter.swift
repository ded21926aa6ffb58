package import Transport

/// Turns the event stream of Bedrock's ConverseStream into OpenAI's server-sent events.
///
/// An exception becomes an error event, and nothing follows it. A stream that ends without its last event ends without
/// `[DONE]`.
package struct ConverseStreamFilter: BodyFilter {
    /// What a stream begins with.
    package enum Beginning: Equatable {
        case events
        /// An exception before any event.
        case failure(BedrockFailure)
        /// Not an event stream; the text says why.
        case malformed(String)
    }

    /// Longer messages aren't exceptions. In bytes.
    private static let longestException = 4 * 1024

    private var decoder = EventStreamDecoder()
    private var translator: ConverseStreamTranslator
    /// Whether everything has been sent.
    private var isOver = false

    package init(_ context: ChatContext) { translator = ConverseStreamTranslator(context) }

    /// Looks at the first message.
    /// - Returns: nil if it isn't complete and may still be an exception.
    package static func beginning(of bytes: UnsafeRawBufferPointer) -> Beginning? {
        do throws(TransportError) {
            guard let length = try EventStreamMessage.length(of: bytes) else { return nil }
            guard length <= longestException else { return .events }
            guard let message = try EventStreamMessage(bytes) else { return nil }
            return try BedrockFailure(message).map { .failure($0) } ?? .events
        } catch {
            return .malformed(error.detail)
        }
    }

    package mutating func receive(
        _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]
    ) -> BodyPipe.End? {
        guard !isOver else { return .complete }
        do throws(TransportError) {
            let isLast = try decoder.receive(bytes) { message throws(TransportError) in
                try translator.pass(message, into: &output) ? true : nil
            }
            isOver = isLast ?? false
            return isOver ? .complete : nil
        } catch {
            isOver = true
            return .failed(error)
        }
    }

    package mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        guard !isOver else { return .complete }
        isOver = true
        if let error { return .failed(error) }
        guard !decoder.isInsideMessage else {
            return .failed(TransportError(.reset, "the event stream ended inside a message"))
        }
        translator.end(into: &output)
        return .complete
    }

    /// Does nothing: the filter behind this one writes comments.
    package mutating func fillSilence(into output: inout [UInt8]) {}
}
