import HTTPTypes
import LambdaRuntime
import Transport

/// What a direct invocation is told about a failure. Workflows decide by the type whether to try again, so there is a
/// closed list of types: see docs/workflows.md.
extension InvocationError {
    init(_ error: ProxyError) {
        self.init(error.invocationErrorName, "\(error.status.code) \(error.code): \(error.message)")
    }

    /// An error that a server has answered with.
    init(upstream status: Int, _ body: [UInt8]) {
        let words = ReportedError(body, isCertain: true)
        let code = words?.code ?? words?.type ?? ProxyError.type(.upstream)
        // Some providers report it in a response whose status is 200.
        let isThrottled = code.utf8.elementsEqual("rate_limit_exceeded".utf8)
        self.init(
            isThrottled ? "UpstreamThrottled" : Self.name(ofStatus: status),
            "\(status) \(code): \(words?.text ?? "The server gave no reason.")")
    }

    private static func name(ofStatus status: Int) -> String {
        switch status {
        case 401, 402, 403, 407: "UpstreamDenied"
        case 408, 504: "UpstreamTimeout"
        case 429: "UpstreamThrottled"
        case 500...: "UpstreamUnavailable"
        default: "InvalidRequest"
        }
    }
}

extension ProxyError {
    fileprivate var invocationErrorName: String {
        switch self {
        case .directInvocationOff, .missingKey, .invalidKey, .keyExpired, .invalidToken, .keyOfAnotherServer,
            .serverNotAllowed, .modelNotAllowed, .filledInModelNotAllowed, .modelUnknown, .toolNotAllowed,
            .storedDataNotAllowed, .tierNotAllowed, .uncountable:
            "AccessDenied"
        case .quotaExceeded: "LimitExceeded"
        case .limitsUnavailable, .tokenIssuerUnavailable: "Unavailable"
        case .misconfigured: "Misconfigured"
        case .deadlineExceeded: "DeadlineExceeded"
        case .responseTooLarge: "ResponseTooLarge"
        case .upstreamFailed(_, let error): error.invocationErrorName
        case .upstreamRedirected, .upstreamEncoded, .upstreamSentNoAnswer, .upstreamTruncated, .upstreamSentNoStream,
            .upstreamSaidNothing:
            "UpstreamInvalidResponse"
        case .invalidEvent, .invalidPath, .pathTooLong, .unknownServer, .endpointNotOpen, .endpointNotSupported,
            .wrongBaseURL, .modelNotFound, .modelMissing, .methodNotAllowed, .invalidBody, .tooManyValues,
            .duplicateModel, .untranslatable, .bodyEncoded, .bodyTooLarge, .fieldsTooLarge, .notInCache:
            "InvalidRequest"
        }
    }
}

extension TransportError {
    fileprivate var invocationErrorName: String {
        switch kind {
        case .canceled: "Unavailable"
        case .deadline: "DeadlineExceeded"
        case .timeout, .connectTimeout, .firstByteTimeout, .idleTimeout: "UpstreamTimeout"
        case .malformed, .tooLarge: "UpstreamInvalidResponse"
        case .invalidRequest: "Misconfigured"
        case .unresolved, .refused, .handshake, .tls, .reset: "UpstreamUnavailable"
        }
    }
}
