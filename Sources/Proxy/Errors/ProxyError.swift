import Dialects
import HTTPTypes
import JSONWebTokens
import Transport

/// Every reason for which a request fails. `ProxyError+HTTP.swift` turns it into a response.
enum ProxyError: Error, Equatable {
    /// The function was invoked with something that isn't a request.
    case invalidEvent(_ reason: String)
    case directInvocationOff
    case invalidPath(String)
    /// No key was sent. There may be an `Authorization` of another kind.
    case missingKey(hasAuthorization: Bool)
    case invalidKey(RejectedKey)
    case keyExpired(_ key: String)
    case invalidToken(TokenError)
    /// The keys that verify a token can't be fetched.
    case tokenIssuerUnavailable(_ issuer: String, IssuerFailure)
    case keyOfAnotherServer(String)
    case serverNotAllowed(String, caller: String)
    case modelNotAllowed(String, caller: String)
    /// The request names no model, and the caller may not use the one that the table fills in. The error doesn't name that
    /// one, since the caller needn't know it.
    case filledInModelNotAllowed(caller: String)
    /// The caller is limited to certain models, and it can't be determined which model the request is for.
    case modelUnknown(_ reason: String, caller: String)
    /// The provider runs this tool, and the caller is limited.
    case toolNotAllowed(String)
    /// This member names data that the provider has stored, and the caller is limited.
    case storedDataNotAllowed(String)
    /// This tier may cost more than the table's price, and the caller is limited.
    case tierNotAllowed(String)
    /// The path and query are too long.
    case pathTooLong(limit: Int)
    /// Tokens or costs are limited, and those of this request can't be counted.
    case uncountable(_ reason: String)
    /// Indirect: it would make every outcome large.
    indirect case quotaExceeded(QuotaExceeded)
    /// The store of the limits has failed, and requests may not pass uncounted.
    case limitsUnavailable
    /// - Parameter baseURLs: the paths of those that the caller may use.
    case unknownServer(String, baseURLs: [String])
    /// - Parameter server: nil for the address that all servers share.
    case endpointNotOpen(server: String?, path: String)
    /// The server's provider has a protocol of its own, without anything like this endpoint.
    case endpointNotSupported(server: String, _ operation: String)
    /// The client's base URL isn't `/<server>/v1` or `/v1`: something is missing in it, or there is too much.
    /// - Parameter server: nil for the address that all servers share.
    case wrongBaseURL(server: String?, path: String)
    /// No server has it, or none that the caller may use.
    /// - Parameter others: names that the caller may send instead.
    case modelNotFound(String, others: [String])
    /// The request names no model, and the table has no default that the caller may use.
    case modelMissing(others: [String])
    case methodNotAllowed(HTTPRequest.Method, allowed: [HTTPRequest.Method])
    case invalidBody(String)
    /// The body has more names, strings, objects and arrays than the proxy reads.
    case tooManyValues(limit: Int)
    case duplicateModel
    /// The server's provider has a protocol of its own, which can't express the request.
    indirect case untranslatable(RequestRefusal)
    /// The body must be read, but is compressed.
    case bodyEncoded(_ coding: String)
    case bodyTooLarge(limit: Int)
    case fieldsTooLarge
    /// The response is longer than the front door takes. In bytes.
    case responseTooLarge(limit: Int)
    /// The caller wants only a stored response, and there is none.
    case notInCache
    case misconfigured(server: String, variables: [String])
    case upstreamFailed(server: String, TransportError)
    /// The invocation's own time ran out before the server answered.
    case deadlineExceeded(server: String)
    case upstreamRedirected(server: String, status: Int)
    case upstreamEncoded(server: String, encoding: String)
    /// The status is a success, but the body isn't a usable response.
    /// - Parameter words: quoted from the body.
    case upstreamSentNoAnswer(server: String, status: Int, NoAnswer, words: String? = nil)
    case upstreamTruncated(server: String)
    /// The response had begun as a stream, and then the server sent something else.
    case upstreamSentNoStream
    /// A stream had no event at all.
    case upstreamSaidNothing(server: String)

    var fault: Fault {
        switch self {
        case .invalidEvent, .invalidPath, .pathTooLong, .missingKey, .invalidKey, .keyExpired, .invalidToken,
            .keyOfAnotherServer,
            .unknownServer,
            .wrongBaseURL, .methodNotAllowed, .modelNotFound, .modelMissing, .invalidBody, .tooManyValues,
            .duplicateModel, .untranslatable, .bodyEncoded, .bodyTooLarge, .fieldsTooLarge, .notInCache:
            .caller
        case .directInvocationOff, .endpointNotOpen, .endpointNotSupported, .serverNotAllowed, .modelNotAllowed,
            .filledInModelNotAllowed,
            .modelUnknown,
            .toolNotAllowed, .storedDataNotAllowed, .tierNotAllowed, .uncountable, .quotaExceeded:
            .policy
        case .misconfigured, .limitsUnavailable, .responseTooLarge: .proxy
        case .upstreamFailed(_, let error) where error.kind == .canceled: .proxy
        case .tokenIssuerUnavailable, .upstreamFailed, .deadlineExceeded, .upstreamRedirected, .upstreamEncoded,
            .upstreamSentNoAnswer, .upstreamTruncated, .upstreamSentNoStream, .upstreamSaidNothing:
            .upstream
        }
    }

    /// For the owner's log.
    var detail: String {
        switch self {
        case .upstreamFailed(_, let error): error.detail
        case .tokenIssuerUnavailable(let issuer, let failure):
            "The keys of the token issuer '\(issuer)' can't be fetched: \(failure.detail)."
        // A key isn't logged, not even masked.
        case .invalidKey: "The API key is unknown."
        default: unquoted.message(quoting: 2000)
        }
    }

    /// The error without a provider's own words, which may quote a prompt. For the log and for Lambda.
    var unquoted: ProxyError {
        guard case .upstreamSentNoAnswer(let server, let status, let reason, _) = self else { return self }
        return .upstreamSentNoAnswer(server: server, status: status, reason)
    }
}

extension ProxyError {
    /// Why a request can't wait any longer: its process ends, or else its time has run out.
    static func outOfTime(_ request: TimedRequest?, server: String) -> ProxyError {
        request?.cancellation.reason.map { .upstreamFailed(server: server, $0) } ?? .deadlineExceeded(server: server)
    }
}

/// What a caller is told about a failed request to an upstream, without host names and addresses.
extension TransportError {
    var isTimeout: Bool {
        switch kind {
        case .timeout, .connectTimeout, .firstByteTimeout, .idleTimeout, .deadline: true
        default: false
        }
    }

    /// Whether the provider may still be working on a response that nobody waits for.
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
            "The host name of the server '\(server)' doesn't resolve. The owner of this proxy should check its 'url' or 'region'."
        case .refused: "The server '\(server)' refused the connection: nothing listens there."
        case .handshake: "The TLS handshake with the server '\(server)' failed, so nothing was sent to it."
        case .tls: "The server '\(server)' has no valid TLS certificate, so nothing was sent to it."
        case .timeout: "The server '\(server)' did not finish in time."
        case .firstByteTimeout: "The server '\(server)' did not begin to answer in time."
        case .idleTimeout: "The server '\(server)' stopped in the middle of its answer."
        case .connectTimeout: "The connection to the server '\(server)' took too long."
        case .canceled: "This proxy is being shut down before the answer is complete. Try again."
        case .deadline: ProxyError.deadlineExceeded(server: server).message
        case .reset: "The server '\(server)' closed the connection before its answer was complete."
        case .malformed, .tooLarge: "The server '\(server)' sent something that isn't a valid response."
        case .invalidRequest: "The server '\(server)' can't be called: the owner of this proxy should check its 'url'."
        }
    }
}
