import Transport

/// What a caller may hear of a failed request to an upstream: what happened, without host names and addresses.
extension TransportError {
    var isTimeout: Bool {
        switch kind {
        case .timeout, .connectTimeout, .firstByteTimeout, .idleTimeout, .deadline: true
        default: false
        }
    }

    /// Whether the provider may have read the request, and be at work for an answer that nobody waits for any more.
    var leavesWork: Bool { isTimeout && kind != .connectTimeout || kind == .canceled }

    var code: String {
        switch kind {
        case .unresolved: "upstream_unresolved"
        case .refused: "upstream_refused"
        case .handshake, .tls: "upstream_tls"
        case .timeout, .connectTimeout, .firstByteTimeout, .idleTimeout: "upstream_timeout"
        case .deadline: "deadline_exceeded"
        case .reset: "upstream_disconnected"
        case .canceled: "shutting_down"
        case .malformed, .tooLarge: "upstream_malformed"
        case .invalidRequest: "upstream_url"
        }
    }

    func message(server: String) -> String {
        switch kind {
        case .unresolved:
            "The host name of the server '\(server)' doesn't resolve. The owner of this proxy should check its 'url'."
        case .refused: "The server '\(server)' refused the connection: nothing listens there."
        case .handshake: "The TLS handshake with the server '\(server)' failed, so nothing was sent to it."
        case .tls: "The server '\(server)' has no valid TLS certificate, so nothing was sent to it."
        case .timeout: "The server '\(server)' did not finish in time."
        case .firstByteTimeout: "The server '\(server)' did not begin to answer in time."
        case .idleTimeout: "The server '\(server)' stopped in the middle of its answer."
        case .connectTimeout: "The server '\(server)' could not be connected to in time."
        case .canceled: "This proxy is being shut down before the answer is complete. Try again."
        case .deadline: ProxyError.deadlineExceeded(server: server).message
        case .reset: "The server '\(server)' closed the connection before its answer was complete."
        case .malformed, .tooLarge: "The server '\(server)' sent something that is not a proper HTTP answer."
        case .invalidRequest: "The server '\(server)' can't be called: the owner of this proxy should check its 'url'."
        }
    }
}
