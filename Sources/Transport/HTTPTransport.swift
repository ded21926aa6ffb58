package import HTTPTypes

/// What carries HTTP requests. One conforming type speaks libcurl; tests have others.
package protocol HTTPTransport: Sendable {
    /// Sends a request and returns as soon as the response's head is there; the body follows in its pipe.
    ///
    /// A request with a streamed body returns when the other side has answered, so usually at the end of the body.
    func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}

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

/// How long the parts of an exchange may take, in milliseconds. Nil waits for ever.
package struct TimeLimits: Sendable, Equatable {
    /// For the connection with its TLS handshake.
    package var connect = 5000
    /// From the beginning to the response body's first byte.
    package var firstByte: Int?
    /// Between two bytes of the response body. Doesn't run while the reader holds the sender up.
    package var idle: Int?
    /// For the whole exchange.
    package var total: Int?
    /// Not a limit: after so long without anything for the reader its filter may fill the silence.
    package var silence: Int?

    package init() {}
}

/// The head of a response, and the pipe through which its body comes.
package struct TransportResponse {
    package let status: HTTPResponse.Status
    package let fields: HTTPFields
    package let body: BodyPipe

    package init(status: HTTPResponse.Status, fields: HTTPFields, body: BodyPipe) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// Why an exchange failed. Says what happened on the wire, not whose fault it is: that is for policy to judge.
package struct TransportError: Error, Equatable {
    package enum Kind: Sendable, Equatable {
        case unresolved, refused, handshake, tls, connectTimeout, firstByteTimeout, idleTimeout, timeout
        case reset, malformed, canceled, invalidRequest, tooLarge
        /// The time of the whole invocation ran out, not that of the exchange.
        case deadline
    }

    package let kind: Kind
    /// For the owner's log: may name hosts and addresses, so it is never sent to a caller.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
