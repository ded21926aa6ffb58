import Digests
package import HTTPTypes

/// The signed parts of a request. They must be sent exactly like this.
package struct SignableRequest: Sendable {
    package var method: HTTPRequest.Method
    /// As libcurl sends it: with the port, unless it is the scheme's default.
    package var host: String
    /// As it is sent: percent-encoded, from the first slash up to the question mark.
    package var path: String
    /// As it is sent, without the question mark.
    package var query: String
    /// All of these are signed. Leave out fields that may be changed or added on the way.
    package var fields: HTTPFields
    package var body: [UInt8]

    package init(
        _ method: HTTPRequest.Method, host: String, path: String, query: String = "", fields: HTTPFields = [:],
        body: [UInt8] = []
    ) {
        self.method = method
        self.host = host
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
    }

    /// - Parameter url: absolute, as it is sent.
    package init(_ method: HTTPRequest.Method, url: String, fields: HTTPFields, body: [UInt8]) {
        let parts = URLParts(url)
        self.init(method, host: parts.host, path: parts.path, query: parts.query, fields: fields, body: body)
    }
}

/// A request in canonical form, which both sides can compute whatever happens to the request on the way.
struct CanonicalRequest {
    let text: String
    /// The names of the fields in it, as the signature lists them.
    let signedFields: String

    init(_ request: SignableRequest, with added: HTTPFields) {
        let fields = Self.fields(of: request, with: added)
        signedFields = fields.map(\.name).joined(separator: ";")
        text =
            ([request.method.rawValue, Self.path(request.path), Self.query(request.query)]
            + fields.map { "\($0.name):\($0.value)" } + [
                "", signedFields, Hexadecimal.encode(SHA256.digest(of: request.body)),
            ])
            .joined(separator: "\n")
    }

    /// Encodes the sent path once more: all services except S3 require that.
    private static func path(_ sent: String) -> String {
        sent.split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentEncoding.encode($0.utf8) }.joined(separator: "/")
    }

    private static func query(_ sent: String) -> String {
        sent.split(separator: "&")
            .map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(uniform) }
            .map { (name: $0[0], value: $0.count > 1 ? $0[1] : "") }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private static func uniform(_ sent: Substring) -> String {
        PercentEncoding.encode(PercentEncoding.decode(Array(sent.utf8)[...]))
    }

    private static func fields(
        of request: SignableRequest, with added: HTTPFields
    ) -> [(name: String, value: String)] {
        let fields =
            [("host", request.host)] + (request.fields + added).map { ($0.name.canonicalName, $0.value) }
        return Dictionary(grouping: fields) { $0.0 }
            .map { (name: $0, value: $1.map { trimmed($0.1) }.joined(separator: ",")) }
            .sorted { $0.name < $1.name }
    }

    /// Removes spaces at both ends, and replaces several spaces by one.
    private static func trimmed(_ value: String) -> String { value.split(separator: " ").joined(separator: " ") }
}
