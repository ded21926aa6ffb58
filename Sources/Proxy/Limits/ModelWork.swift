import JSONBytes
import Transport

/// Whether a model may have begun to work on a request, judged by how its server answered. If none has, the request doesn't
/// count for the day and the month. What isn't known for certain counts: docs/decisions/0023.
enum ModelWork {
    static func mayHaveBegun(_ status: Int, on route: Route) -> Bool {
        // Nobody knows what a status means on an opened endpoint or behind a reverse proxy.
        guard case .json = route.body else { return true }
        switch status {
        // The server was too slow (Azure bills that), or its model has failed (SageMaker).
        case 408, 424: return true
        // A redirect, a refusal, or no capacity (RFC 9110, section 15; 529 is Anthropic's "overloaded").
        case 300...451, 503, 529: return false
        default: return true
        }
    }

    static func mayHaveBegun(_ error: TransportError) -> Bool {
        switch error.kind {
        // Nothing was sent.
        case .unresolved, .refused, .connectTimeout, .handshake, .tls, .invalidRequest: false
        case .firstByteTimeout, .idleTimeout, .timeout, .deadline, .reset, .malformed, .canceled, .tooLarge: true
        }
    }

    /// Whether an error shows that the model has worked all the same: by a usage, or by what the model has written
    /// (`failed_generation`, in Groq's 400s).
    static func isTold(in error: [UInt8]) -> Bool {
        error.withUnsafeBytes { text in
            text.watchedWords.usage != nil || text.indices.contains { text.has("\"failed_generation\"", at: $0) }
        }
    }
}
