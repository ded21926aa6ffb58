import Digests
import JSONBytes

/// OpenAI's embeddings on Bedrock's InvokeModel: Titan, Cohere and Nova.
///
/// Cohere takes up to 96 texts a call, the others one, so a request may need many calls.
package struct BedrockEmbeddings: Sendable {
    /// One call of InvokeModel.
    package struct Call: Sendable {
        /// The path of the URL, percent-encoded: `/model/<id>/invoke`.
        package var path: String
        package var body: [UInt8]
        /// How many vectors the response must have.
        var count: Int
    }

    /// At least one, in the order of the texts.
    package let calls: [Call]
    let model: String
    let family: EmbeddingFamily
    /// How many numbers a vector must have; nil if the request doesn't say.
    let dimensions: Int?
    let isBase64: Bool

    /// - Parameter body: OpenAI's request, which is known to be a JSON object.
    package init(_ body: [UInt8]) throws(RequestRefusal) {
        let request = try EmbeddingRequest(body)
        let family = request.family
        let path = "/model/\(PercentEncoding.encode(request.model))/invoke"
        calls = stride(from: 0, to: request.texts.count, by: family.textsPerCall).map { start in
            let texts = request.texts[start...].prefix(family.textsPerCall)
            return Call(
                path: path, body: family.body(texts.map { body[$0] }, request.options), count: texts.count)
        }
        model = String(decoding: request.model, as: UTF8.self)
        self.family = family
        dimensions = request.options.dimensions
        isBase64 = request.isBase64
    }
}

/// The models that make embeddings of text, by the shape of their requests and responses.
enum EmbeddingFamily: Sendable {
    case titanV1, titanV2, cohereV3, cohereV4, nova

    /// What varies between the requests to a family.
    struct Options {
        var dimensions: Int?
        /// Cohere's purpose of the vectors.
        var inputType: String?
        /// What Cohere does with a text that is too long.
        var truncation: String?
    }

    /// - Parameter model: an id, possibly with the prefix of a cross-region profile, or an ARN that ends in one.
    /// - Returns: nil if the id doesn't tell.
    init?(_ model: [UInt8]) {
        let id = model.split(separator: UInt8(ascii: "/")).last ?? []
        // `us.cohere.embed-v4:0` is `embed-v4` with a provider in front of it, and a version behind it.
        let words = id.split(separator: UInt8(ascii: "."))
        guard words.count > 1, let name = words.last?.prefix(while: { $0 != UInt8(ascii: ":") }) else { return nil }
        let provider = words[words.count - 2]
        let known = Self.models.first { provider.elementsEqual($0.provider.utf8) && name.elementsEqual($0.name.utf8) }
        guard let known else { return nil }
        self = known.family
    }

    private static let models: [(provider: String, name: String, family: Self)] = [
        ("amazon", "titan-embed-text-v1", .titanV1), ("amazon", "titan-embed-g1-text-02", .titanV1),
        ("amazon", "titan-embed-text-v2", .titanV2), ("cohere", "embed-english-v3", .cohereV3),
        ("cohere", "embed-multilingual-v3", .cohereV3), ("cohere", "embed-v4", .cohereV4),
        ("amazon", "nova-2-multimodal-embeddings-v1", .nova),
    ]

    /// For the message about an unknown model.
    static let known = models.map { "\($0.provider).\($0.name)" }.joined(separator: ", ")

    var textsPerCall: Int {
        switch self {
        case .cohereV3, .cohereV4: 96
        case .titanV1, .titanV2, .nova: 1
        }
    }

    /// The lengths of vectors to choose from; empty if the length is fixed.
    var dimensions: [Int] {
        switch self {
        case .titanV1, .cohereV3: []
        case .titanV2: [256, 512, 1024]
        case .cohereV4: [256, 512, 1024, 1536]
        case .nova: [256, 384, 1024, 3072]
        }
    }

    /// The values of `input_type`; empty for families without it.
    var inputTypes: [String] {
        switch self {
        case .cohereV3, .cohereV4: ["search_document", "search_query", "classification", "clustering"]
        case .titanV1, .titanV2, .nova: []
        }
    }

    /// The values of `truncate`; empty for families without it.
    var truncations: [String] {
        switch self {
        case .cohereV3: ["NONE", "START", "END"]
        case .cohereV4: ["NONE", "LEFT", "RIGHT"]
        case .titanV1, .titanV2, .nova: []
        }
    }

    /// The body of a call.
    /// - Parameter texts: JSON strings.
    func body(_ texts: [ArraySlice<UInt8>], _ options: Options) -> [UInt8] {
        var body = JSONObjectWriter(capacity: texts.reduce(256) { $0 + $1.count + 1 })
        switch self {
        case .titanV1, .titanV2:
            body.add("inputText", json: texts[0])
            if let dimensions = options.dimensions { body.add("dimensions", dimensions) }
        case .cohereV3, .cohereV4:
            body.add("texts", json: Self.array(texts))
            body.add("input_type", options.inputType ?? "search_document")
            if let truncation = options.truncation { body.add("truncate", truncation) }
            body.add("embedding_types", json: #"["float"]"#.utf8)
            if let dimensions = options.dimensions { body.add("output_dimension", dimensions) }
        case .nova:
            body.add("schemaVersion", "nova-multimodal-embed-v1")
            body.add("taskType", "SINGLE_EMBEDDING")
            body.add("singleEmbeddingParams", json: Self.novaParameters(texts, options))
        }
        body.end()
        return body.bytes
    }

    private static func array(_ texts: [ArraySlice<UInt8>]) -> [UInt8] {
        [UInt8(ascii: "[")] + texts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }

    /// A text that is too long is an error, as it is for OpenAI.
    private static func novaParameters(_ texts: [ArraySlice<UInt8>], _ options: Options) -> [UInt8] {
        var text = JSONObjectWriter(capacity: texts.reduce(64) { $0 + $1.count })
        text.add("truncationMode", "NONE")
        text.add("value", json: texts[0])
        text.end()
        var parameters = JSONObjectWriter(capacity: text.bytes.count + 128)
        parameters.add("embeddingPurpose", "GENERIC_INDEX")
        if let dimensions = options.dimensions { parameters.add("embeddingDimension", dimensions) }
        parameters.add("text", json: text.bytes)
        parameters.end()
        return parameters.bytes
    }
}
