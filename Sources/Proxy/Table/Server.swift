package import HTTPTypes

/// One upstream of the table: where it is, how to log in there, and what of it is open.
package struct Server: Sendable, Equatable {
    /// The first segment of the paths that lead here.
    package var name: String
    /// Without a slash at its end, percent-encoded.
    package var url: String
    package var token: Secret?
    /// Filled in where a body names no model. May be empty: some providers want it so.
    package var model: String?
    /// Everything behind `/<server>` goes to `url` as it is, any method, any path.
    package var isReverseProxy = false
    /// The header that carries the bare token instead of `Authorization: Bearer`.
    package var authHeader: HTTPField.Name?
    /// What is open besides `Endpoint.standard`.
    package var endpoints: [EndpointPattern] = []
    /// Fields of the caller's request that travel up besides `RequestFields.allowed`.
    package var forwardHeaders: [HTTPField.Name] = []
    /// In milliseconds: the connection, and the whole exchange.
    package var connectTimeout = 5_000
    package var timeout = 900_000
    /// Environment variables that the table names and that aren't set: requests fail until they are.
    package var missingVariables: [String] = []

    package init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}
