/// What a caller sent to the function URL, complete.
struct CallerRequest: Equatable, Sendable {
    var method: String
    /// The request target as it stood in the request line: path and query, nothing decoded.
    var target: String
    var version: String = "HTTP/1.1"
    var headers: [HeaderField] = []
    var body: [UInt8] = []
    var sourceIP: String = "127.0.0.1"
    var port: Int = 9000

    var rawPath: String {
        let path = String(originForm.prefix { $0 != "?" })
        return path.isEmpty ? "/" : path
    }

    var rawQueryString: String {
        originForm.firstIndex(of: "?").map { String(originForm[$0...].dropFirst()) } ?? ""
    }

    /// A request may name the whole URL in its first line, as it does to a forward proxy (RFC 9112, section 3.2.2).
    private var originForm: Substring {
        guard !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") else {
            return target[...]
        }
        let authority = target[scheme.upperBound...]
        guard let path = authority.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "" }
        return authority[path...]
    }
}
