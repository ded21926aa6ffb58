import LambdaRuntime
import Transport

/// How a stream that has begun says that it failed: to the caller in its last event, to Lambda in the trailers, to the
/// owner in the log.
struct StreamFailure {
    let event: [UInt8]
    let end: BodyPipe.End

    init(_ error: ProxyError) {
        self.init(error.body, type: Failure(error).type, reason: error.detail, message: error.unquoted.message)
    }

    /// - Parameters:
    ///   - body: the error as JSON, in which a line feed is as good as a blank.
    ///   - type: as the record names it.
    ///   - reason: for the log.
    ///   - message: for Lambda.
    init(_ body: [UInt8], type: String = Failure.reported, reason: String, message: String) {
        event = Array("data: ".utf8) + body.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + Array("\n\n".utf8)
        end = Self.end(type: type, reason: reason, message: message)
    }

    /// For a failure that the provider's own event tells.
    static func end(type: String = Failure.reported, reason: String, message: String) -> BodyPipe.End {
        .partial(type: type, reason: reason, trailers: InvocationError("UpstreamFailed", message).trailers)
    }
}
