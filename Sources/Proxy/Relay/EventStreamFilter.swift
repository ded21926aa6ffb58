import HTTPTypes
import LambdaRuntime
import Transport

/// Passes server-sent events byte for byte, but only whole ones: if the upstream breaks off inside an event, the caller
/// gets an error event instead of half a JSON text that its parser would choke on.
struct EventStreamFilter: BodyFilter {
    /// An event larger than this is passed as it comes and can't be taken back. In bytes.
    static let largestHeldEvent = 64 * 1024

    private let server: String
    private var boundary = EventBoundary()
    /// The beginning of an event whose end hasn't come yet.
    private var held: [UInt8] = []
    /// A part of the current event is out already.
    private var isInsideEvent = false
    private var isEmpty = true

    init(server: String) { self.server = server }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        guard !bytes.isEmpty else { return nil }
        isEmpty = false
        var rest = bytes[...]
        if let end = boundary.last(in: bytes) {
            output += held
            output += bytes[..<end]
            held.removeAll(keepingCapacity: true)
            isInsideEvent = false
            rest = bytes[end...]
        }
        if isInsideEvent || held.count + rest.count > Self.largestHeldEvent {
            isInsideEvent = true
            output += held
            output += rest
            held = []
        } else {
            held += rest
        }
        return nil
    }

    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        guard let error else {
            output += held
            if isEmpty { output.append(UInt8(ascii: "\n")) }
            return .complete
        }
        guard !isInsideEvent else { return .failed(error) }
        let failure = ProxyError.upstreamFailed(server: server, error)
        output += Array("data: ".utf8)
        output += failure.body
        output += Array("\n\n".utf8)
        return .partial(
            reason: error.detail, trailers: InvocationError("UpstreamFailed", failure.message).trailers)
    }

    /// A comment between two events, as one line: behind the empty line that would end it as an event of its own, the
    /// Python SDK fails once it has seen an `id`.
    mutating func fillSilence(into output: inout [UInt8]) {
        if !isInsideEvent { output += Array(": keepalive\n".utf8) }
    }
}
