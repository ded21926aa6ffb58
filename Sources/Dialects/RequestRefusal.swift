/// Why a request can't be translated for a provider: the caller's mistake, or something that the provider doesn't have.
package struct RequestRefusal: Error, Equatable {
    /// A sentence for the caller that names the place.
    package var message: String
    /// The place in the request, such as `messages.2.content.0`; OpenAI's `param`.
    package var param: String?
    /// OpenAI's `code`.
    package var code: String?

    package init(_ message: String, param: String?, code: String? = nil) {
        self.message = message
        self.param = param
        self.code = code
    }
}
