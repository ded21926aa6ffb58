import JSONBytes

/// The kinds of errors that Bedrock reports, by what a caller or the owner can do.
enum BedrockErrorKind {
    case invalid, contextTooLong, unknownModel, tooLarge
    /// AWS refused the proxy's credentials, which only the owner can change.
    case credentials
    case accessDenied, notFound, throttled, quota, notReady, timeout, model, server, unavailable, other

    /// The name of an exception without what some services add to it: a URL as in `ValidationException:http://…`, or a
    /// name space as in `com.amazon.coral.service#UnknownOperationException`. Only letters are kept, because the name is
    /// shown to callers.
    static func name(_ errorType: String) -> String {
        let name = errorType.utf8.prefix { $0 != UInt8(ascii: ":") }.split(separator: UInt8(ascii: "#")).last ?? []
        return String(decoding: name.prefix { $0.isLetter }.prefix(longestName), as: UTF8.self)
    }

    /// In bytes.
    private static let longestName = 100

    /// Exceptions of Bedrock, and those that all AWS services share:
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
    init?(_ name: String) {
        var name = name.lowercased()
        if name.hasSuffix("exception") { name.removeLast(9) }
        switch name {
        case "validation": self = .invalid
        case "accessdenied", "optinrequired": self = .accessDenied
        case "expiredtoken", "unrecognizedclient", "invalidsignature", "signaturedoesnotmatch", "incompletesignature",
            "missingauthenticationtoken", "invalidclienttokenid", "requestexpired", "notauthorized":
            self = .credentials
        case "resourcenotfound": self = .notFound
        case "throttling", "throttled", "toomanyrequests", "requestlimitexceeded": self = .throttled
        case "servicequotaexceeded": self = .quota
        case "modelnotready": self = .notReady
        case "modeltimeout": self = .timeout
        case "modelerror", "modelstreamerror": self = .model
        case "internalserver", "internalfailure": self = .server
        case "serviceunavailable": self = .unavailable
        default: return nil
        }
    }

    init(status: Int) {
        switch status {
        case 400: self = .invalid
        case 401: self = .credentials
        case 403: self = .accessDenied
        case 404: self = .notFound
        case 408, 504: self = .timeout
        case 413: self = .tooLarge
        case 424: self = .model
        case 429: self = .throttled
        case 500: self = .server
        case 503: self = .unavailable
        default: self = .other
        }
    }

    /// The kind that the message tells, for exceptions that Bedrock uses for several things.
    /// - Parameter words: the message, in lower case.
    func refined(by words: String) -> BedrockErrorKind {
        switch self {
        case .accessDenied where Self.hasAny(of: Self.refusedKeys, words): .credentials
        case .invalid, .other: if Self.beginsWithAny(of: Self.busy, words) { .throttled } else { refinedInvalid(words) }
        default: self
        }
    }

    private func refinedInvalid(_ words: String) -> BedrockErrorKind {
        guard self == .invalid else { return self }
        if Self.hasAny(of: Self.tooLong, words) { return .contextTooLong }
        return words.hasPrefix("the provided model identifier is invalid") ? .unknownModel : self
    }

    /// The beginnings of messages. A prompt that is quoted later in a message can't make it look like another error.
    private static let busy = [
        "too many tokens, please wait", "too many tokens per ", "too many requests", "too many connections",
        "bedrock is unable to process your request", "your request rate is too high", "rate exceeded",
    ]
    private static let tooLong = [
        "input is too long", "prompt is too long", "too many tokens", "too many input tokens", "input tokens exceeded",
        "maximum context length", "context limit", "context window",
    ]
    /// Bedrock reports an API key that isn't valid as denied access. The others may come without an exception's name.
    private static let refusedKeys = [
        "api key", "bearer token", "authentication failed", "authorization header", "signature", "security token",
    ]

    private static func hasAny(of texts: [String], _ words: String) -> Bool { texts.contains { has($0, words) } }

    private static func has(_ text: String, _ words: String) -> Bool {
        BedrockErrorText.offset(of: text, in: words) != nil
    }

    private static func beginsWithAny(of texts: [String], _ words: String) -> Bool {
        texts.contains { words.hasPrefix($0) }
    }
}

// MARK: - In OpenAI's terms

extension BedrockErrorKind {
    /// The HTTP status, and OpenAI's `type` and `code`.
    var labels: (status: Int, type: String, code: String?) {
        switch self {
        case .invalid: (400, "invalid_request_error", nil)
        case .contextTooLong: (400, "invalid_request_error", "context_length_exceeded")
        case .unknownModel, .notFound: (404, "not_found_error", "model_not_found")
        case .tooLarge: (413, "invalid_request_error", nil)
        case .credentials: (502, "upstream_error", BedrockFailure.authentication)
        case .accessDenied: (403, BedrockFailure.permission, nil)
        case .throttled: (429, "rate_limit_error", "rate_limit_exceeded")
        case .quota: (429, "rate_limit_error", "insufficient_quota")
        case .notReady: (503, "server_error", "model_not_ready")
        case .timeout: (504, "timeout_error", nil)
        case .model, .other: (502, "server_error", nil)
        case .server: (500, "server_error", nil)
        case .unavailable: (503, "server_error", "overloaded")
        }
    }

    /// The message for the caller in place of Bedrock's; nil if Bedrock's can be shown.
    var message: String? {
        switch self {
        case .credentials:
            "The server refused this proxy's credentials. The owner of this proxy can find the reason in the log."
        case .accessDenied:
            "The server doesn't allow this proxy to use the model. The owner of this proxy can find the reason in the log."
        default: nil
        }
    }

    /// For the owner's log: the exception, its words, and what to do.
    /// - Returns: nil if the words may quote a prompt.
    func detail(_ name: String, _ words: String) -> String? {
        let advice: String?
        var words = BedrockErrorText.withoutCanonicalString(words)
        switch self {
        case .invalid, .contextTooLong, .model, .tooLarge: return nil
        case .credentials:
            words = BedrockErrorText.withoutSecrets(words)
            advice = adviceOnCredentials(name, words)
        case .accessDenied: advice = adviceOnAccess(words)
        case .other:
            words = ""
            advice = nil
        default: advice = nil
        }
        if advice != nil, let last = words.utf8.last, last != UInt8(ascii: ".") { words += "." }
        let sentences = [words, advice ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        let parts = [name, sentences].filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: ": ")
    }

    private func adviceOnCredentials(_ name: String, _ words: String) -> String {
        let (name, words) = (name.lowercased(), words.lowercased())
        if Self.hasAny(of: ["signature expired", "not yet current"], words) {
            return "The clock of this machine is wrong."
        }
        if Self.has("region", words) { return "Set the server's region to the one in its URL." }
        if Self.has("expired", words) || Self.has("expired", name) {
            return "The credentials have expired: renew them, or let the function use its role."
        }
        if Self.has("key", words), !Self.has("signing", words) { return "Check the server's API key." }
        return "Check the server's credentials and its region."
    }

    private func adviceOnAccess(_ words: String) -> String {
        Self.has("not authorized to perform", words)
            ? "Add the permission to the policy of the function's role." : "Check the access to the model in Bedrock."
    }
}
