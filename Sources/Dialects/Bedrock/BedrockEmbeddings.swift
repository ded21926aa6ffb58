/// OpenAI's embeddings on Bedrock's InvokeModel: Titan, Cohere and Nova.
package struct BedrockEmbeddings: Sendable {
    /// One call of InvokeModel.
    package struct Call: Sendable {
        /// The path of the URL, percent-encoded: `/model/<id>/invoke`.
        package var path: String
        package var body: [UInt8]
    }

    /// At least one, in the order of the texts.
    package let calls: [Call]

    /// - Parameter body: OpenAI's request, which is known to be a JSON object.
    package init(_ body: [UInt8]) throws(RequestRefusal) { calls = [] }

    /// Joins the responses into OpenAI's.
    /// - Parameters:
    ///   - answers: the bodies of the responses, in the order of the calls.
    ///   - tokens: the header `x-amzn-bedrock-input-token-count` of each response; nil where it is missing.
    package func response(_ answers: [[UInt8]], tokens: [Int?]) throws(BedrockFailure) -> [UInt8] { [] }
}
