package import HTTPTypes

/// Sends HTTP requests. `CurlLoop` implements it with libcurl; tests have their own implementations.
package protocol HTTPTransport: Sendable {
    /// Sends a request and returns when the response head has arrived; the body follows in its pipe.
    ///
    /// With a streamed request body, that is usually after the end of the body.
    func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}

/// An HTTP request.
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
    /// How many response bytes to buffer before the sender is paused.
    package var responseWindow: Int
    /// Whether the connection can be reused after a HEAD. Some servers wrongly send a body, which would become the next
    /// response.
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

/// The timeouts of an exchange, in milliseconds. Nil means no limit.
package struct TimeLimits: Sendable, Equatable {
    /// For the connection with its TLS handshake.
    package var connect = 5000
    /// From the beginning to the response body's first byte.
    package var firstByte: Int?
    /// Between two bytes of the response body. Doesn't run while the sender is paused for the reader.
    package var idle: Int?
    /// For the whole exchange.
    package var total: Int?
    /// Not a timeout: after this long without bytes for the reader, the filter may send something.
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

/// The reason that an exchange failed on the wire. Policy decides whose fault it is.
package struct TransportError: Error, Equatable {
    package enum Kind: Sendable, Equatable {
        case unresolved, refused, handshake, tls, connectTimeout, firstByteTimeout, idleTimeout, timeout
        case reset, malformed, canceled, invalidRequest, tooLarge
        /// The invocation's time ran out, not that of the exchange.
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
