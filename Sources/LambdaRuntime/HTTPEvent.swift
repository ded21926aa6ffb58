package import HTTPTypes

/// The HTTP request inside a function URL's event (payload format 2.0).
package struct HTTPEvent: Equatable, Sendable {
    package var method: HTTPRequest.Method
    /// As the caller wrote it: not decoded.
    package var path: String
    /// Without the question mark; empty if there is none.
    package var query: String
    package var fields: HTTPFields
    package var body: [UInt8]

    package init(
        method: HTTPRequest.Method, path: String, query: String = "", fields: HTTPFields = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
    }
}
