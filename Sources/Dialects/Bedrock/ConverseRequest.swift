import Digests
import JSONBytes

/// OpenAI's chat completion as a request of Bedrock's Converse:
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
///
/// docs/bedrock.md says for each parameter what becomes of it.
package struct ConverseRequest: Sendable {
    /// The path of the URL, percent-encoded: `/model/<id>/converse` or `/model/<id>/converse-stream`.
    package let path: String
    package let body: [UInt8]
    package let model: String
    package let isStream: Bool
    /// Whether a stream ends with its usage.
    package let includesUsage: Bool
    /// See `ChatContext`.
    package let schemaTool: String?

    /// - Parameter openAI: OpenAI's request, which is known to be a JSON object.
    package init(_ openAI: [UInt8]) throws(RequestRefusal) {
        guard let request = try? JSONSlice(openAI), let members = request.members else {
            throw RequestRefusal("The body is not a JSON object.", param: nil, code: "invalid_json")
        }
        model = try BedrockModel.id(in: members)
        let family = ModelFamily(of: model)
        isStream = members["stream"]?.bool ?? false
        includesUsage = members["stream_options"]?["include_usage"]?.bool ?? false
        try ConverseParameters.refuseUnsupported(members)
        var messages = ConverseMessages(family)
        try messages.read(members["messages"])
        let reasoning = try ReasoningFields(members, family, canThink: messages.canThink)
        let tools = try ConverseTools(
            members, family, usedBefore: messages.toolNames, canForce: !reasoning.isThinking)
        schemaTool = tools.schemaTool
        let parameters = try ConverseParameters(members, family, reasoning, tools)
        path = "/model/\(PercentEncoding.encode(model.utf8))/\(isStream ? "converse-stream" : "converse")"
        let parts: [(key: String, value: JSONValue?)] =
            messages.parts + [("toolConfig", tools.config)] + parameters.parts
        body = JSONValue.object(parts.compactMap { part in part.value.map { (part.key, $0) } }).serialized
    }
}

/// The id of a model on Bedrock.
enum BedrockModel {
    /// In bytes, as Bedrock limits it.
    private static let longest = 2048

    /// The `model` of a request: an id, an inference profile or an ARN.
    static func id(in members: [(key: JSONKey, value: JSONSlice)]) throws(RequestRefusal) -> String {
        guard let model = members["model"]?.string, !model.isEmpty else {
            throw RequestRefusal("You must provide a model parameter.", param: "model", code: "model_missing")
        }
        // A dot segment would lead to another path.
        let isPlain = model.utf8.allSatisfy { byte in
            byte.isLetter || byte.isDigit || "._:/-".utf8.contains(byte)
        }
        guard isPlain, model.utf8.count <= longest, model.utf8.contains(where: { $0 != UInt8(ascii: ".") }) else {
            throw RequestRefusal(
                "The model is not one of Amazon Bedrock's: use a model id, an inference profile or an ARN.",
                param: "model", code: "model_not_found")
        }
        return model
    }
}

extension RequestRefusal {
    /// A value of the wrong type or form.
    static func invalid(_ param: String, _ expected: String) -> RequestRefusal {
        RequestRefusal("Invalid '\(param)': \(expected).", param: param, code: "invalid_value")
    }

    static func unsupported(_ param: String, _ advice: String) -> RequestRefusal {
        RequestRefusal(
            "'\(param)' is not supported on Amazon Bedrock: \(advice).", param: param, code: "unsupported_parameter")
    }
}
