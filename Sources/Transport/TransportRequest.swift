package import HTTPTypes

/// One HTTP request, complete but for what a streamed body brings.
package struct TransportRequest {
    package enum Body {
        case none
        case bytes([UInt8])
        /// Sent chunked: first the prefix, then whatever the pipe brings, then the pipe's trailers.
        case stream(prefix: [UInt8], BodyPipe)

        package var isPresent: Bool { if case .none = self { false } else { true } }
    }

    package var method: HTTPRequest.Method
    /// Absolute, `http` or `https`, percent-encoded.
    package var url: String
    package var fields: HTTPFields
    package var body: Body
    package var limits: TimeLimits
    /// Ends the exchange early.
    package var cancellation: Cancellation?
    /// How many bytes of the response may wait to be read before the sender is held up.
    package var responseWindow: Int
    /// Whether the connection may serve again after a HEAD. Some servers send a body behind the head, which would become
    /// the next answer.
    package var keepsConnectionAfterHead = false

    package init(
        _ method: HTTPRequest.Method, _ url: String, fields: HTTPFields = [:], body: Body = .none,
        limits: TimeLimits = TimeLimits(), responseWindow: Int = BodyPipe.defaultHighMark
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.limits = limits
        self.responseWindow = responseWindow
    }
}
