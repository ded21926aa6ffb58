/// An error of Amazon Bedrock in OpenAI's terms.
package struct BedrockFailure: Error, Equatable {
    /// The `code` if the proxy's credentials are refused.
    package static let authentication = "upstream_authentication"
    /// The `type` if the role may not use the model.
    package static let permission = "permission_error"

    /// The HTTP status for the caller.
    package var status: Int
    /// The type in OpenAI's error.
    package var type: String
    package var code: String?
    /// For the caller: without ARNs and account ids.
    package var message: String
    /// For the owner's log, in Bedrock's own words; nil if these may quote a prompt.
    package var detail: String?

    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - errorType: the header `x-amzn-errortype`.
    package init(status: Int, errorType: String?, body: [UInt8]) {
        self.init(status: status, type: "upstream_error", message: "")
    }

    /// `{"error":{…}}` as OpenAI's clients read it.
    package var body: [UInt8] { [] }

    private init(status: Int, type: String, message: String) {
        self.status = status
        self.type = type
        self.message = message
    }
}
