import HTTPTypes
import Transport

/// Every reason for which a request fails. `ProxyError+HTTP.swift` turns it into a response.
enum ProxyError: Error, Equatable {
    case invalidPath(String)
    /// No key was sent, though perhaps an `Authorization` of another kind.
    case missingKey(hasAuthorization: Bool)
    case invalidKey(RejectedKey)
    case keyExpired(_ key: String)
    case keyOfAnotherServer(String)
    case serverNotAllowed(String, key: String)
    case modelNotAllowed(String, key: String)
    /// The request names no model, and the key isn't for the one that the table fills in, which isn't the caller's to
    /// know.
    case filledInModelNotAllowed(key: String)
    /// The key is limited to certain models, and it can't be determined which model the request is for.
    case modelUnknown(_ reason: String, key: String)
    /// A tool that the provider runs, and the caller is limited.
    case toolNotAllowed(String)
    /// A member that names what the provider has stored, and the caller is limited.
    case storedDataNotAllowed(String)
    /// A tier that may cost more than the table's price, and the caller is limited.
    case tierNotAllowed(String)
    /// A path and query longer than any that is meant.
    case pathTooLong(limit: Int)
    /// Tokens or costs are limited, and this request's can't be counted.
    case uncountable(_ reason: String)
    /// Indirect: it would make every outcome large.
    indirect case quotaExceeded(QuotaExceeded)
    /// The store of the limits has failed, and requests may not pass uncounted.
    case limitsUnavailable
    /// - Parameter baseURLs: those that the caller may use, behind the proxy's address.
    case unknownServer(String, baseURLs: [String])
    /// - Parameter server: nil for the address that all servers share.
    case endpointNotOpen(server: String?, path: String)
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
    /// More names, strings, objects and arrays than are read.
    case tooManyValues(limit: Int)
    case duplicateModel
    /// A body that is to be read is compressed.
    case bodyEncoded(_ coding: String)
    case bodyTooLarge(limit: Int)
    case fieldsTooLarge
    case misconfigured(server: String, variables: [String])
    case upstreamFailed(server: String, TransportError)
    /// The invocation's own time ran out before the server answered.
    case deadlineExceeded(server: String)
    case upstreamRedirected(server: String, status: Int)
    case upstreamEncoded(server: String, encoding: String)
    /// It calls a success what is no answer.
    /// - Parameter words: of the text that came in its place.
    case upstreamSentNoAnswer(server: String, status: Int, NoAnswer, words: String? = nil)
    case upstreamTruncated(server: String)
    /// The answer had been begun as a stream, and then something else came.
    case upstreamSentNoStream
    /// A stream that has no event at all.
    case upstreamSaidNothing(server: String)

    var fault: Fault {
        switch self {
        case .invalidPath, .pathTooLong, .missingKey, .invalidKey, .keyExpired, .keyOfAnotherServer, .unknownServer,
            .wrongBaseURL, .methodNotAllowed, .modelNotFound, .modelMissing, .invalidBody, .tooManyValues,
            .duplicateModel, .bodyEncoded, .bodyTooLarge, .fieldsTooLarge:
            .caller
        case .endpointNotOpen, .serverNotAllowed, .modelNotAllowed, .filledInModelNotAllowed, .modelUnknown,
            .toolNotAllowed, .storedDataNotAllowed, .tierNotAllowed, .uncountable, .quotaExceeded:
            .policy
        case .misconfigured, .limitsUnavailable: .proxy
        case .upstreamFailed(_, let error) where error.kind == .canceled: .proxy
        case .upstreamFailed, .deadlineExceeded, .upstreamRedirected, .upstreamEncoded,
            .upstreamSentNoAnswer, .upstreamTruncated, .upstreamSentNoStream, .upstreamSaidNothing:
            .upstream
        }
    }

    /// For the owner's log.
    var detail: String {
        switch self {
        case .upstreamFailed(_, let error): error.detail
        // A key isn't logged, not even masked.
        case .invalidKey: "The key that was sent is not known here."
        default: unquoted.message(quoting: 2000)
        }
    }

    /// Without a provider's own words, which may quote a prompt: for the log and for Lambda.
    var unquoted: ProxyError {
        guard case .upstreamSentNoAnswer(let server, let status, let reason, _) = self else { return self }
        return .upstreamSentNoAnswer(server: server, status: status, reason)
    }
}

/// What a caller is told about a failed request to an upstream: what happened, without host names and addresses.
extension TransportError {
    var isTimeout: Bool {
        switch kind {
        case .timeout, .connectTimeout, .firstByteTimeout, .idleTimeout, .deadline: true
        default: false
        }
    }

    /// Whether the provider may have read the request, and still be working on a response that nobody waits for.
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
