import HTTPTypes
import LambdaRuntime
import Transport

/// What a failed attempt means for the next one.
struct FailedAttempt: Equatable {
    /// What may still be asked: each includes those before it.
    enum Remedy: Int, Equatable { case nothing, otherServer, otherURL, sameURL }

    let remedy: Remedy
    /// There was no connection, so the request can't have done anything.
    var wasUnused = false
    /// How long the upstream doesn't want to be asked again. In milliseconds.
    var delay: Int?
}

// MARK: - Errors

extension FailedAttempt {
    init(_ error: ProxyError, of server: Server) {
        // Another server has limits of its own, unless it was the key that has used too much.
        if case .quotaExceeded(let exceeded) = error, exceeded.scope.server != nil {
            self.init(remedy: .otherServer)
            return
        }
        if case .upstreamSentNoAnswer(_, _, let reason, _) = error {
            // Nothing may have been a mishap; a page will be there again.
            self.init(remedy: reason == .empty || reason == .cutOff ? .sameURL : .otherURL)
            return
        }
        guard case .upstreamFailed(_, let error) = error else {
            self.init(remedy: .nothing)
            return
        }
        let (remedy, wasUnused) = Self.judge(error.kind)
        // Behind a reverse proxy a request may be anything, so only what nobody has seen is sent again.
        self.init(remedy: wasUnused || !server.isReverseProxy ? remedy : .nothing, wasUnused: wasUnused)
    }

    private static func judge(_ kind: TransportError.Kind) -> (remedy: Remedy, wasUnused: Bool) {
        switch kind {
        case .unresolved, .refused, .handshake, .connectTimeout: (.sameURL, true)
        case .reset: (.sameURL, false)
        // It would be the same again.
        case .tls, .malformed, .tooLarge, .invalidRequest: (.otherURL, false)
        // Whoever has waited for minutes shouldn't wait thrice, and the provider may bill each time.
        case .timeout, .firstByteTimeout, .idleTimeout: (.otherURL, false)
        case .canceled, .deadline: (.nothing, false)
        }
    }
}

// MARK: - Answers

extension FailedAttempt {
    /// - Parameter prelude: of an upstream's own error.
    /// - Parameter now: in milliseconds since 1970.
    init(_ prelude: Prelude, of server: Server, at now: Int64) {
        let status = prelude.status.code
        let isWorthRetrying = server.retryStatuses.contains(status)
        switch prelude.fields[.shouldRetry]?.lowercased() {
        case "true": self.init(remedy: .sameURL)
        case "false" where isWorthRetrying: self.init(remedy: .otherServer)
        default:
            // Any other error of the 400s is the request's own: it would fail everywhere.
            self.init(remedy: isWorthRetrying ? .sameURL : status >= 500 ? .otherServer : .nothing)
        }
        delay = RetryAfter.milliseconds(prelude.fields, at: now)
    }
}
