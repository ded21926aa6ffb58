/// What carries HTTP requests. One conforming type speaks libcurl; tests have others.
package protocol HTTPTransport: Sendable {
    /// Sends a request and returns as soon as the response's head is there; the body follows in its pipe.
    ///
    /// A request with a streamed body returns when the other side has answered, so usually at the end of the body.
    func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}
