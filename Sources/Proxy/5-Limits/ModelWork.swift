import JSONBytes
import Transport

/// Whether a model may have begun to work on a request, judged by its server's response. If no model has, the request
/// doesn't count toward quotas per day and month. If that is uncertain, it counts: see docs/decisions/0023.
enum ModelWork {
    /// What an error says about that, whatever the status of the response.
    enum Sign { case begun, refused }

    static func mayHaveBegun(_ status: Int, on route: Route) -> Bool {
        // It is unknown what a status means on an opened endpoint or behind a reverse proxy.
        guard case .json = route.body else { return true }
        return !isRefusal(status)
    }

    private static func isRefusal(_ status: Int) -> Bool {
        switch status {
        // The server was too slow (which Azure bills), or its model has failed (SageMaker).
        case 408, 424: false
        // A redirect, a refusal, or no capacity (RFC 9110, section 15; 529 is Anthropic's "overloaded").
        case 300...451, 503, 529: true
        default: false
        }
    }

    static func mayHaveBegun(_ error: TransportError) -> Bool {
        switch error.kind {
        // Nothing was sent.
        case .unresolved, .refused, .connectTimeout, .handshake, .tls, .invalidRequest: false
        case .firstByteTimeout, .idleTimeout, .timeout, .deadline, .reset, .malformed, .canceled, .tooLarge: true
        }
    }

    /// Whether an error shows that the model has worked nevertheless: it reports usage, or contains what the model
    /// wrote (`failed_generation` in Groq's 400s).
    static func isShown(in error: UnsafeRawBufferPointer) -> Bool {
        error.watchedWords.usage != nil || error.offset(of: "\"failed_generation\"", from: 0) != nil
    }
}

// MARK: - Errors in a success

extension ModelWork {
    /// The labels of refusals: OpenAI's codes and types, Anthropic's types, and the names of Google's statuses.
    private static let refusals = [
        "model_not_found", "invalid_api_key", "insufficient_quota", "rate_limit_exceeded", "context_length_exceeded",
        "invalid_request_error", "unknown_parameter", "unsupported_parameter", "unsupported_value", "invalid_value",
        "missing_required_parameter", "billing_hard_limit_reached", "billing_not_active",
        "authentication_error", "billing_error", "permission_error", "not_found_error", "request_too_large",
        "rate_limit_error", "overloaded_error",
        "INVALID_ARGUMENT", "FAILED_PRECONDITION", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND",
        "RESOURCE_EXHAUSTED", "UNAVAILABLE",
    ]

    /// Whether an error in a response with a success status is a refusal, judged by its own status, else by its code,
    /// else by its type.
    static func isRefusal(_ error: ReportedError) -> Bool {
        guard error.isAlone else { return false }
        if let status = error.status { return isRefusal(status) }
        guard let label = error.code ?? error.type else { return false }
        return refusals.contains { $0.utf8.elementsEqual(label.utf8) }
    }
}
