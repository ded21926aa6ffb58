import HTTPTypes
import Transport

/// Which of the upstream's header fields travel down.
///
/// A list of what may pass: whatever else a provider sends (cookies, `server`, `alt-svc`, hop-by-hop fields, lengths and
/// CORS fields, which the function URL sets itself) would be wrong, doubled, or none of the caller's business.
enum ResponseFields {
    private static let allowed: [HTTPField.Name] = [
        .contentType, .contentDisposition, .contentLanguage, .cacheControl, .retryAfter, .shouldRetry,
        .known("retry-after-ms"), .known("x-request-id"),
        // The same of Anthropic's, by which its SDK knows the request.
        .known("request-id"),
    ]
    private static let allowedPrefixes = ["openai-", "x-ratelimit-", "anthropic-ratelimit-", "x-proxy-"]

    /// A reverse proxy carries a web page too, unchanged, in whatever encoding the browser asked for.
    private static let allowedForPages: [HTTPField.Name] = [
        .contentEncoding, .location, .eTag, .lastModified, .vary,
    ]

    /// A function URL takes a head of at most 16,000 bytes, and the proxy has fields of its own. In bytes, as JSON.
    private static let longest = 12_000

    /// What doesn't fit is left out; what clients read is taken before what providers tell besides.
    static func rewrite(_ fields: HTTPFields, for route: Route) -> HTTPFields {
        let isReverseProxy = route.server.isReverseProxy
        var passing: [HTTPField] = []
        var others: [HTTPField] = []
        for field in fields {
            if allowed.has(field.name) || isReverseProxy && allowedForPages.has(field.name) {
                passing.append(field)
            } else if allowedPrefixes.contains(where: { field.name.canonicalName.utf8.starts(with: $0.utf8) }) {
                others.append(field)
            }
        }
        passing += others
        var output = HTTPFields()
        // The proxy's own follow.
        output.reserveCapacity(passing.count + 8)
        var left = longest
        for var field in passing {
            guard !route.place.hasToken(inName: field.name.canonicalName) else { continue }
            if let redactor = route.place.redactor { field.value = redactor.redacted(field.value) }
            let length = length(of: field)
            guard length <= left else { continue }
            left -= length
            output.append(field)
        }
        return output
    }

    /// With quotes, colon and comma; at most what the escapes in it make of it.
    private static func length(of field: HTTPField) -> Int {
        let value = field.value.utf8.reduce(0) { sum, byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): sum + 2
            case ..<0x20, 0x7F: sum + 6
            default: sum + 1
            }
        }
        return field.name.canonicalName.utf8.count + value + 6
    }
}
