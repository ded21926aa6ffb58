import LambdaRuntime
import Transport

/// The end of a stream in an unknown format: that of an opened endpoint or a reverse proxy. It is unknown which error
/// event its clients understand, so a failure is reported by cutting the body off.
extension EventStreamFilter {
    mutating func endUnknown(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        if let error { return cutOff(error) }
        let isCutShort = held.withUnsafeBytes { endsInsideEvent($0) }
        let end = endWhole(into: &output)
        return isCutShort ? cutOff(TransportError(.reset, Self.endInside)) : end
    }

    static let endInside = "the stream ended inside an event"

    /// The end after an event that reports an error. Clients that read the names of events know one called "error"; it
    /// is unknown whether they recognize any other.
    func endUnknown(named name: UnsafeRawBufferPointer) -> BodyPipe.End {
        name.isError ? reported : cutOff(TransportError(.reset, ReportedError.summary(upstream.server.name)))
    }

    /// Whether something is missing after these bytes.
    private func endsInsideEvent(_ rest: UnsafeRawBufferPointer) -> Bool {
        let fields = EventFields(rest)
        guard fields.hasContent else { return false }
        if watcher != nil || fields.name.isError { return true }
        // Many servers end with a single line feed, and clients that read lines miss nothing. Half a line is
        // incomplete.
        let isLineEnded = rest.last == 0x0A || rest.last == 0x0D
        return !isLineEnded && !fields.isDone && (fields.hasData || !fields.name.isEmpty)
    }

    /// Passes on what is left, which may be the beginning of an event.
    mutating func endWhole(into output: inout [UInt8]) -> BodyPipe.End {
        output += watcher == nil ? held : upstream.redacted(held)
        if isEmpty, held.isEmpty { output.append(UInt8(ascii: "\n")) }
        return .complete
    }
}

/// How a stream that has begun reports a failure: to the caller in its last event, to Lambda in the trailers, to the
/// owner in the log.
struct StreamFailure {
    let event: [UInt8]
    let end: BodyPipe.End

    init(_ error: ProxyError) {
        self.init(error.body, type: Failure(error).type, reason: error.detail, message: error.unquoted.message)
    }

    /// - Parameters:
    ///   - body: the error as JSON. Its line feeds become spaces.
    ///   - type: the type in the record.
    ///   - reason: for the log.
    ///   - message: for Lambda.
    init(_ body: [UInt8], type: String = Failure.reported, reason: String, message: String) {
        event = Array("data: ".utf8) + body.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + Array("\n\n".utf8)
        end = Self.end(type: type, reason: reason, message: message)
    }

    /// The end after a provider's own event has reported the failure.
    static func end(type: String = Failure.reported, reason: String, message: String) -> BodyPipe.End {
        .partial(type: type, reason: reason, trailers: InvocationError("UpstreamFailed", message).trailers)
    }
}
