extension CORSConfiguration {
    /// The answer to a preflight, which AWS gives without invoking the function; nil if this isn't a preflight.
    ///
    /// A refused origin gets the same answer without CORS headers, and the browser does the refusing.
    func preflightAnswer(method: String, headers: [HeaderField]) -> AnswerHead? {
        guard method == "OPTIONS", let origin = headers.first("origin"),
            headers.first("access-control-request-method") != nil
        else { return nil }
        guard allows(origin) else { return AnswerHead(status: 200, headers: []) }
        var fields = originFields(origin)
        fields += Self.list("access-control-allow-methods", allowMethods)
        // As configured, not as asked for: a "*" does not cover Authorization (Fetch standard), here as on AWS.
        fields += Self.list("access-control-allow-headers", allowHeaders)
        fields += Self.list("access-control-expose-headers", exposeHeaders)
        if let maxAge {
            fields.append(HeaderField("access-control-max-age", String(maxAge)))
        }
        return AnswerHead(status: 200, headers: fields)
    }

    /// What AWS adds to an answer; to the function's own CORS headers, not in their place, so that both doubled and
    /// conflicting ones reach the browser ("including duplicates", says AWS's page on function URLs).
    func answerFields(origin: String?) -> [HeaderField] {
        guard let origin, allows(origin) else { return [] }
        return originFields(origin) + Self.list("access-control-expose-headers", exposeHeaders)
    }

    private func allows(_ origin: String) -> Bool {
        allowOrigins.contains("*") || allowOrigins.contains { $0.lowercased() == origin.lowercased() }
    }

    /// The caller's origin is named even where `*` is configured (aws-powertools/powertools-lambda-python#4163).
    private func originFields(_ origin: String) -> [HeaderField] {
        let fields = [HeaderField("access-control-allow-origin", origin), HeaderField("vary", "Origin")]
        return allowCredentials ? fields + [HeaderField("access-control-allow-credentials", "true")] : fields
    }

    private static func list(_ name: String, _ values: [String]) -> [HeaderField] {
        values.isEmpty ? [] : [HeaderField(name, values.joined(separator: ","))]
    }
}
