package import HTTPTypes

/// The HTTP request inside an event, whichever front door it came through.
package struct HTTPEvent: Equatable, Sendable {
    /// Far more than clients send. swift-http-types crashes at 65,535.
    package static let mostFields = 1000
    /// The limit for all names and values together, in bytes. Lambda's own is much lower.
    package static let largestFields = 256 * 1024

    package var method: HTTPRequest.Method
    /// As the caller wrote it: not decoded. Without the stage and the base path of a gateway.
    package var path: String
    /// Without the question mark, percent-encoded; empty if there is none.
    package var query: String
    package var fields: HTTPFields
    package var body: [UInt8]
    /// The request exceeded a limit above, so some fields are missing.
    package var hasTooManyFields = false
    package var sender = Sender.anybody

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

/// Who sends a request, as far as its front door knows.
package enum Sender: Equatable, Sendable {
    /// Only a key or a token tells.
    case anybody
    /// Somebody whom IAM lets invoke the function.
    case invoker
    /// Somebody whom API Gateway has checked.
    case gateway(GatewayIdentity)
}

/// What API Gateway knows about a caller that it has checked. At least one of these isn't nil.
package struct GatewayIdentity: Equatable, Sendable {
    /// The claims of a token, as a JSON object.
    package var claims: [UInt8]?
    /// The `principalId` that a Lambda authorizer gave the caller.
    package var principal: String?
    /// The ID of an API key, which isn't the key itself.
    package var keyID: String?
}
