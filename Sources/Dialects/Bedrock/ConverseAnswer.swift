/// Turns the response of Bedrock's Converse into OpenAI's chat completion.
package enum ConverseAnswer {
    /// - Parameter body: the body of a response with the status 200.
    /// - Throws: if it reports an error, or isn't a response of Converse.
    package static func chatCompletion(_ body: [UInt8], _ context: ChatContext) throws(BedrockFailure) -> [UInt8] {
        body
    }
}
