package import HTTPTypes

/// The head of a response, and the pipe through which its body comes.
package struct TransportResponse {
    package let status: HTTPResponse.Status
    package let fields: HTTPFields
    package let body: BodyPipe

    package init(status: HTTPResponse.Status, fields: HTTPFields, body: BodyPipe) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
