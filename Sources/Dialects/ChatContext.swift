/// What the translation of a provider's response takes from the request.
package struct ChatContext: Sendable {
    /// OpenAI's id of the response, such as `chatcmpl-…`.
    package var id: String
    /// In seconds since 1970.
    package var created: Int64
    /// The model as the provider was asked for it.
    package var model: String
    /// Whether a stream ends with its usage.
    package var includesUsage = false
    /// The tool whose arguments are the content of the response, for models that follow a JSON schema only as a tool;
    /// nil if there is none.
    package var schemaTool: String?
    /// Is told of an error that ends a stream.
    package var onFailure: (@Sendable (BedrockFailure) -> Void)?

    package init(id: String, created: Int64, model: String) {
        self.id = id
        self.created = created
        self.model = model
    }
}
