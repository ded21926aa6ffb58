package import HTTPTypes

/// The HTTP request inside a function URL's event (payload format 2.0).
package struct HTTPEvent: Equatable, Sendable {
    /// Far more than clients send; swift-http-types ends the program at 65,535.
    package static let mostFields = 1000
    /// Of all names and values together. Lambda itself lets much less through. In bytes.
    package static let largestFields = 256 * 1024

    package var method: HTTPRequest.Method
    /// As the caller wrote it: not decoded.
    package var path: String
    /// Without the question mark; empty if there is none.
    package var query: String
    package var fields: HTTPFields
    package var body: [UInt8]
    /// There were more fields than anybody needs, so some are missing here.
    package var hasTooManyFields = false

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
