import Dialects
import HTTPTypes
import JSONWebTokens
import LambdaRuntime
import Transport

/// The one place where an error becomes a status, an OpenAI error body and header fields.
extension ProxyError {
    var status: HTTPResponse.Status {
        switch self {
        case .invalidEvent, .invalidPath, .invalidBody, .tooManyValues, .duplicateModel, .untranslatable, .modelMissing:
            .badRequest
        case .missingKey, .invalidKey, .keyExpired, .invalidToken, .keyOfAnotherServer: .unauthorized
        case .directInvocationOff, .serverNotAllowed, .modelNotAllowed, .filledInModelNotAllowed, .modelUnknown,
            .uncountable, .toolNotAllowed, .storedDataNotAllowed, .tierNotAllowed:
            .forbidden
        case .pathTooLong: .uriTooLong
        case .quotaExceeded: .tooManyRequests
        case .limitsUnavailable, .tokenIssuerUnavailable: .serviceUnavailable
        case .unknownServer, .endpointNotOpen, .endpointNotSupported, .wrongBaseURL, .modelNotFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .bodyEncoded: .unsupportedMediaType
        case .bodyTooLarge: .contentTooLarge
        case .fieldsTooLarge: .requestHeaderFieldsTooLarge
        case .misconfigured: .internalServerError
        case .upstreamFailed(_, let error) where error.kind == .canceled: .serviceUnavailable
        case .upstreamFailed(_, let error): error.isTimeout ? .gatewayTimeout : .badGateway
        // RFC 9111, section 5.2.1.7
        case .deadlineExceeded, .notInCache: .gatewayTimeout
        case .upstreamRedirected, .upstreamEncoded, .upstreamSentNoAnswer, .upstreamTruncated, .upstreamSentNoStream,
            .upstreamSaidNothing, .responseTooLarge:
            .badGateway
        }
    }

    /// For programs; stable.
    var code: String {
        switch self {
        case .invalidEvent: "invalid_event"
        case .directInvocationOff: "direct_invocation_off"
        case .invalidPath: "invalid_path"
        case .missingKey, .invalidKey, .keyOfAnotherServer: "invalid_api_key"
        case .keyExpired: "expired_api_key"
        case .invalidToken(.expired): "expired_token"
        case .invalidToken: "invalid_token"
        case .tokenIssuerUnavailable: "token_issuer_unavailable"
        case .serverNotAllowed: "server_not_allowed"
        case .modelNotAllowed, .filledInModelNotAllowed, .modelUnknown: "model_not_allowed"
        case .toolNotAllowed: "tool_not_allowed"
        case .storedDataNotAllowed: "stored_data_not_allowed"
        case .tierNotAllowed: "tier_not_allowed"
        case .pathTooLong: "path_too_long"
        case .uncountable: "usage_unknown"
        case .quotaExceeded(let exceeded): exceeded.isQuota ? "insufficient_quota" : "rate_limit_exceeded"
        case .limitsUnavailable: "limits_unavailable"
        case .unknownServer: "unknown_server"
        case .endpointNotOpen, .endpointNotSupported, .wrongBaseURL: "endpoint_not_open"
        // OpenAI's own.
        case .modelNotFound: "model_not_found"
        case .modelMissing: "model_missing"
        case .methodNotAllowed: "method_not_allowed"
        case .invalidBody, .tooManyValues: "invalid_json"
        case .duplicateModel: "duplicate_model"
        case .untranslatable(let refusal): refusal.code ?? "invalid_value"
        case .bodyEncoded: "unsupported_encoding"
        case .bodyTooLarge: "body_too_large"
        case .fieldsTooLarge: "headers_too_large"
        case .responseTooLarge: "response_too_large"
        case .notInCache: "not_in_cache"
        case .misconfigured: "server_misconfigured"
        case .upstreamFailed(_, let error): error.code
        case .deadlineExceeded: "deadline_exceeded"
        case .upstreamRedirected: "upstream_redirected"
        case .upstreamEncoded: "upstream_encoded"
        case .upstreamSentNoAnswer(_, _, .empty, _): "upstream_empty"
        case .upstreamSentNoAnswer: "upstream_not_json"
        case .upstreamSentNoStream: "upstream_not_streaming"
        case .upstreamTruncated: "upstream_truncated"
        case .upstreamSaidNothing: "upstream_empty"
        }
    }

    /// For people: says what to do. Contains no token, and no address that only the owner should know.
    var message: String { message(quoting: 100) }

    /// - Parameter longest: how many scalars of each text from the caller are quoted.
    func message(quoting longest: Int) -> String {
        switch self {
        case .invalidEvent(let reason): "The function was invoked with something that it can't serve: \(reason)."
        case .directInvocationOff:
            "This proxy isn't open for direct invocation. Its owner can set 'settings.direct_invocation' in the table of servers."
        case .invalidPath(let reason): "The path can't be used: \(reason)."
        // These begin with OpenAI's own sentences, which clients look for.
        case .missingKey(let hasAuthorization):
            "You didn't provide an API key. Send a key for this proxy as 'Authorization: Bearer …', 'x-api-key' or 'api-key'."
                + (hasAuthorization
                    ? " The 'Authorization' header that was sent isn't 'Bearer', a space and a key." : "")
        case .invalidKey(let key):
            "Incorrect API key provided: \(key.masked). \(key.advice) Ask the owner of this proxy for a key that works."
        case .keyExpired(let key):
            "Incorrect API key provided: the key '\(key)' has expired. Ask the owner of this proxy for a new one."
        case .invalidToken(let error): "\(error.message)."
        case .tokenIssuerUnavailable(let issuer, let failure):
            "The tokens of '\(issuer)' can't be checked at the moment, because its keys can't be fetched: \(failure.words). "
                + "Try again soon."
        case .serverNotAllowed(let server, let caller): "The \(caller) may not use the server '\(server)'."
        case .modelNotAllowed(let model, let caller):
            "The \(caller) may not use the model '\(model.shortened(to: longest))'."
        case .filledInModelNotAllowed(let caller):
            "The request names no model, and the \(caller) may not use the server's default model. "
                + "Set 'model' to one that is allowed."
        case .modelUnknown(let reason, let caller):
            "The \(caller) is limited to certain models, and the model of this request can't be determined: "
                + "\(reason.shortened(to: longest))."
        case .toolNotAllowed(let tool):
            "The provider runs the tool '\(tool)' and doesn't bill it in tokens, so it isn't allowed here. Use tools of the types "
                + "'function' and 'custom', or ask the owner of this proxy to add it to 'allowed_tools'."
        case .storedDataNotAllowed(let member):
            "With '\(member)', the request refers to data that the provider has stored, which may be someone else's. "
                + "Send the content itself, or ask the owner of this proxy to set 'allow_stored_data: true'."
        case .tierNotAllowed(let tier):
            "The tier '\(tier)' may cost more than the prices that this proxy calculates with. Use 'default', 'flex' or no tier."
        case .pathTooLong(let limit): "The path and query are longer than \(limit) bytes."
        case .uncountable(let reason):
            "Tokens or costs are limited here, and those of this request can't be counted: \(reason)."
        case .quotaExceeded(let exceeded): exceeded.message
        case .limitsUnavailable:
            "The limits can't be checked at the moment, so no requests are accepted. Try again soon."
        case .keyOfAnotherServer(let server):
            "Incorrect API key provided: it isn't valid for the server '\(server)'. Ask the owner of this proxy for one that is."
        case .unknownServer(let name, let baseURLs):
            (name.isEmpty ? "The path names no server." : "There is no server '\(name.shortened(to: longest))'.")
                + " To use one that you have access to, set the client's base URL to this proxy's address followed by "
                + "\(baseURLs.map { "'\($0)'" }.joined(separator: " or ")). Behind '/v1' alone, the model names the server."
        case .endpointNotOpen(let server?, let path):
            "'\(path.shortened(to: longest))' is not open on the server '\(server)'. The path is \(BaseURL.root(server))/v1/<endpoint>; "
                + "the owner of this proxy can open more endpoints in the server's 'endpoints' list."
        case .endpointNotOpen(nil, let path):
            "'\(path.shortened(to: longest))' is not open at the address that all servers share. Call a server by its own path, "
                + "'/<server>/v1/<endpoint>'; the owner of this proxy can open more endpoints in the server's 'endpoints' list."
        case .endpointNotSupported(let server, let operation):
            "The server '\(server)' doesn't offer '\(operation)'. Use 'chat/completions' or 'embeddings', or another server."
        case .wrongBaseURL(let server, let path):
            "There is no endpoint '\(path.shortened(to: longest))'\(server.map { " on the server '\($0)'" } ?? " here"). "
                + BaseURL.advice(server, insteadOf: path)
        // OpenAI's own first sentence, which clients look for.
        case .modelNotFound(let model, let others):
            "The model '\(model.shortened(to: longest))' does not exist or you do not have access to it. "
                + Self.advice(onModels: others)
        case .modelMissing(let others):
            "You must provide a model parameter: this proxy has no default for your key. "
                + Self.advice(onModels: others)
        case .methodNotAllowed(let method, let allowed):
            "\(method.rawValue.shortened(to: longest)) is not allowed here; use \(allowed.map(\.rawValue).joined(separator: ", "))."
        case .invalidBody(let reason): "The body must be a JSON object, but \(reason)."
        case .tooManyValues(let limit):
            "The body has more than \(limit) names, strings, objects and arrays (a number counts as an eighth). Send less in "
                + "one request."
        case .duplicateModel: "The body has more than one 'model'."
        case .untranslatable(let refusal): refusal.message.shortened(to: 10 * longest)
        case .bodyEncoded(let coding):
            "The body is compressed ('\(coding.shortened(to: 20))'), so it can't be read here. Send it as plain JSON, without "
                + "'Content-Encoding'."
        case .bodyTooLarge(let limit): "The body is larger than \(limit) bytes."
        case .fieldsTooLarge:
            "The request has more than \(HTTPEvent.mostFields) headers, or more than \(HTTPEvent.largestFields) bytes of them. "
                + "Send fewer."
        case .responseTooLarge(let limit):
            "The response is longer than the \(limit >> 20) MB that can be sent here, where nothing is streamed. Ask for less, or "
                + "use an address that streams."
        case .notInCache:
            "The cache has no response for this request that may be used, and 'Cache-Control: only-if-cached' forbids asking "
                + "the server. Send the request without it."
        case .misconfigured(let server, let variables):
            "The server '\(server)' can't be used until its owner sets \(variables.joined(separator: ", "))."
        case .upstreamFailed(let server, let error): error.message(server: server)
        case .deadlineExceeded(let server):
            "This function's own time ran out before the server '\(server)' answered. "
                + "The owner of this proxy can raise the function's Timeout, except behind an HTTP API, which allows 30 seconds."
        case .upstreamRedirected(let server, let status):
            "The server '\(server)' answered \(status), a redirect. Redirects are not followed: its 'url' must be exact."
        case .upstreamEncoded(let server, let encoding):
            "The server '\(server)' sent its answer encoded as '\(encoding.prefix(20))', although it was asked not to."
        case .upstreamSentNoAnswer(let server, let status, let reason, let words):
            "The server '\(server)' answered \(status) \(reason.words)" + (words.map { " It said: \($0)" } ?? "")
        case .upstreamSentNoStream: "The request asked for a stream, but the server sent something else."
        case .upstreamTruncated(let server):
            "The server '\(server)' ended its stream without the final event, so the answer is incomplete. "
                + "If it never sends 'data: [DONE]', the owner of this proxy can set 'expects_done: false' for it."
        case .upstreamSaidNothing(let server):
            "The server '\(server)' ended its stream without a single event, so there is no answer. Try again."
        }
    }

    private static func advice(onModels names: [String]) -> String {
        let shown = names.map { "'\($0.shortened(to: 100))'" }
        return (shown.isEmpty ? "" : "Try \(shown.joined(separator: " or ")). ")
            + "'GET /v1/models' lists the models that you can use."
    }

    var prelude: Prelude {
        // The message may name servers and limits of this caller.
        var fields: HTTPFields = [.contentType: "application/json", .cacheControl: Prelude.noSharedCache]
        switch self {
        case .missingKey: fields[.wwwAuthenticate] = Self.challenge
        case .invalidKey, .keyExpired, .keyOfAnotherServer:
            fields[.wwwAuthenticate] = Self.challenge + #", error="invalid_token""#
        case .invalidToken(let error):
            fields[.wwwAuthenticate] =
                Self.challenge + #", error="invalid_token", error_description="\#(error.message)""#
        case .tokenIssuerUnavailable: fields[.retryAfter] = "1"
        case .methodNotAllowed(_, let allowed): fields[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
        case .misconfigured, .notInCache, .responseTooLarge, .upstreamRedirected, .upstreamEncoded,
            .upstreamSentNoAnswer(_, _, .page, _), .upstreamSentNoAnswer(_, _, .events, _):
            fields[.shouldRetry] = "false"
        case .quotaExceeded(let exceeded): exceeded.write(to: &fields)
        // RFC 9110, 15.5.16
        case .bodyEncoded: fields[.acceptEncoding] = "identity"
        default: break
        }
        return Prelude(status, fields: fields)
    }

    /// RFC 6750, section 3: there is no `error` if no key was sent.
    private static let challenge = #"Bearer realm="openai-proxy""#

    var body: [UInt8] {
        switch self {
        case .quotaExceeded(let exceeded):
            OpenAIError.body(message: message, type: exceeded.type, param: nil, code: code)
        case .untranslatable(let refusal):
            OpenAIError.body(message: message, type: Self.type(fault), param: refusal.param, code: code)
        default: Self.body(message: message, fault: fault, code: code)
        }
    }

    /// OpenAI's name for the type, where it has one.
    static func type(_ fault: Fault) -> String {
        switch fault {
        case .caller, .policy: "invalid_request_error"
        case .proxy: "server_error"
        case .upstream: "upstream_error"
        }
    }

    /// `{"error":{…}}` as OpenAI's clients read it.
    static func body(message: String, fault: Fault, code: String?) -> [UInt8] {
        OpenAIError.body(message: message, type: type(fault), param: nil, code: code)
    }
}

extension NoAnswer {
    /// What the server sent, and what to do.
    fileprivate var words: String {
        switch self {
        case .empty: "without a body. Try again."
        case .cutOff: "with JSON that is cut off. Try again."
        case .page: "with a web page instead of a response. The owner of this proxy should check its 'url'."
        case .events: "with a stream of events, although the request has no 'stream: true'. Add that to get a stream."
        case .noJSON: "with something that isn't a JSON object. The owner of this proxy should check its 'url'."
        case .noList: "with something that isn't a list of models. The owner of this proxy should check its 'url'."
        case .longList:
            "with a list of models that is too long to be read, and this key is limited to certain models. Ask for one "
                + "model: 'models/<id>'."
        }
    }
}
