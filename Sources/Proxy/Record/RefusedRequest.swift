import HTTPTypes

/// What was asked for, in the record of a request that was refused before there was a route. Method and path are the
/// caller's words, and anybody may send them.
struct RefusedRequest {
    /// `_OTHER` if it is none of HTTP's, as OpenTelemetry says for `http.request.method`.
    let method: String
    /// Decoded, without the query.
    let path: String

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .delete, .connect, .options, .trace, .patch,
    ]
    /// In scalars.
    private static let longest = 200
    /// More than is kept of it, however it is escaped. In bytes.
    private static let mostRead = 16 * 1024

    init(_ method: HTTPRequest.Method, path: String, without keys: RequestKeys) {
        self.method = Self.methods.contains(method) ? method.rawValue : "_OTHER"
        let decoded = RequestTarget.Segment.decodedLoosely(Array(path.utf8.prefix(Self.mostRead))[...])
        self.path = LogText(String(decoding: decoded, as: UTF8.self), longest: Self.longest, without: keys).text
    }
}
