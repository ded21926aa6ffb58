import HTTPTypes
import Transport

/// Which of the upstream's header fields travel down.
///
/// A list of what may pass: whatever else a provider sends (cookies, `server`, `alt-svc`, hop-by-hop fields, lengths and
/// CORS fields, which the function URL sets itself) would be wrong, doubled, or none of the caller's business.
enum ResponseFields {
    private static let allowed: Set<HTTPField.Name> = [
        .contentType, .contentDisposition, .contentLanguage, .cacheControl, .retryAfter, .shouldRetry,
        .known("retry-after-ms"), .known("x-request-id"),
    ]
    private static let allowedPrefixes = ["openai-", "x-ratelimit-", "anthropic-ratelimit-", "x-proxy-"]

    /// A reverse proxy carries a web page too, unchanged, in whatever encoding the browser asked for.
    private static let allowedForPages: Set<HTTPField.Name> = [
        .contentEncoding, .location, .eTag, .lastModified, .vary,
    ]

    static func rewrite(_ fields: HTTPFields, for route: Route) -> HTTPFields {
        var output = HTTPFields()
        for field in fields where passes(field.name, route.server) { output.append(field) }
        return output
    }

    private static func passes(_ name: HTTPField.Name, _ server: Server) -> Bool {
        allowed.contains(name)
            || allowedPrefixes.contains { name.canonicalName.hasPrefix($0) }
            || server.isReverseProxy && allowedForPages.contains(name)
    }
}
