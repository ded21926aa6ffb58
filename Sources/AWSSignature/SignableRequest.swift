package import HTTPTypes

/// What of a request is signed: it must be sent exactly so.
package struct SignableRequest: Sendable {
    package var method: HTTPRequest.Method
    /// With the port, if it isn't that of the scheme: what libcurl sends.
    package var host: String
    /// As it is sent, so percent-encoded, from the first slash to the question mark.
    package var path: String
    /// As it is sent, without the question mark.
    package var query: String
    /// All of these are signed: leave out what may be changed or added on the way.
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
}
