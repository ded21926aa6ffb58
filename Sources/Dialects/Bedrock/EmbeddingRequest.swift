import JSONBytes

/// OpenAI's request for embeddings. Members that Bedrock has no use for, such as `user`, are ignored.
struct EmbeddingRequest {
    let model: [UInt8]
    let family: EmbeddingFamily
    /// Where the texts are in the body: JSON strings with their quotes.
    let texts: [Range<Int>]
    let options: EmbeddingFamily.Options
    /// Whether the vectors are wanted as base64 of little-endian 32-bit floats.
    let isBase64: Bool

    /// Bedrock's limit, in bytes. The model is a part of every call.
    private static let longestModel = 2048

    init(_ body: [UInt8]) throws(RequestRefusal) {
        let members = try EmbeddingMembers(body)
        model = try members.model.text("model") ?? []
        guard !model.isEmpty else { throw RequestRefusal("'model' is missing.", param: "model") }
        guard model.count <= Self.longestModel, let family = EmbeddingFamily(model) else {
            throw RequestRefusal(
                """
                Bedrock's request for embeddings depends on the model, and this id doesn't name one that is known here. \
                Known are \(EmbeddingFamily.known). The id may have a prefix, such as 'us.', or be the end of an ARN.
                """, param: "model", code: "model_not_found")
        }
        self.family = family
        texts = try members.input.texts()
        options = EmbeddingFamily.Options(
            dimensions: try members.dimensions.dimensions(family),
            inputType: try members.inputType.choice("input_type", of: family.inputTypes),
            truncation: try members.truncation.choice("truncate", of: family.truncations))
        isBase64 = try members.encodingFormat.choice("encoding_format", of: ["float", "base64"]) == "base64"
    }
}

/// The members of the request, before they are checked.
private struct EmbeddingMembers {
    var model = EmbeddingMember.missing
    var input = EmbeddingInput()
    var dimensions = EmbeddingMember.missing
    var encodingFormat = EmbeddingMember.missing
    var inputType = EmbeddingMember.missing
    var truncation = EmbeddingMember.missing

    init(_ body: [UInt8]) throws(RequestRefusal) {
        var reader = JSONReader(body)
        do throws(JSONError) {
            try reader.readObject { key, reader throws(JSONError) in
                switch key {
                case "model": model = try EmbeddingMember(&reader)
                case "input": input = try EmbeddingInput(&reader)
                case "dimensions": dimensions = try EmbeddingMember(&reader)
                case "encoding_format": encodingFormat = try EmbeddingMember(&reader)
                case "input_type": inputType = try EmbeddingMember(&reader)
                case "truncate": truncation = try EmbeddingMember(&reader)
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            throw RequestRefusal("The body must be a JSON object, but \(error).", param: nil)
        }
    }
}

private enum EmbeddingMember {
    /// Also a member that is null.
    case missing
    case text([UInt8])
    case number(Int)
    case other

    init(_ reader: inout JSONReader) throws(JSONError) {
        switch try reader.peekKind() {
        case .string: self = .text(try reader.readStringBytes())
        case .number: self = try reader.readWholeNumber().map { .number($0) } ?? .other
        case .null:
            try reader.skipValue()
            self = .missing
        case .object, .array, .bool:
            try reader.skipValue()
            self = .other
        }
    }

    func text(_ name: String) throws(RequestRefusal) -> [UInt8]? {
        switch self {
        case .missing: nil
        case .text(let text): text
        case .number, .other: throw RequestRefusal("'\(name)' must be a string.", param: name)
        }
    }

    /// - Parameter values: what is possible; if there is nothing, the member is ignored.
    func choice(_ name: String, of values: [String]) throws(RequestRefusal) -> String? {
        guard !values.isEmpty else { return nil }
        switch self {
        case .missing: return nil
        case .text(let text):
            if let value = values.first(where: { text.elementsEqual($0.utf8) }) { return value }
        case .number, .other: break
        }
        throw RequestRefusal("'\(name)' must be one of: \(values.joined(separator: ", ")).", param: name)
    }

    func dimensions(_ family: EmbeddingFamily) throws(RequestRefusal) -> Int? {
        switch self {
        case .missing: return nil
        case .number(let number) where family.dimensions.contains(number): return number
        case .number, .text, .other: break
        }
        let possible = family.dimensions.map(String.init).joined(separator: ", ")
        throw RequestRefusal(
            possible.isEmpty
                ? "This model has vectors of one length: leave out 'dimensions'."
                : "'dimensions' must be one of these for this model: \(possible).", param: "dimensions")
    }
}

/// The member `input`: a text, or a list of them.
private struct EmbeddingInput {
    private var ranges: [Range<Int>] = []
    private var refusal: RequestRefusal? = RequestRefusal("'input' is missing.", param: "input")

    /// OpenAI's limit.
    private static let mostTexts = 2048

    init() {}

    init(_ reader: inout JSONReader) throws(JSONError) {
        refusal = nil
        if try reader.peekKind() == .array { try addAll(&reader) } else { try add(&reader, "input") }
    }

    private mutating func addAll(_ reader: inout JSONReader) throws(JSONError) {
        var count = 0
        try reader.readArray { reader throws(JSONError) in
            // What follows a refused element is skipped, and only checked for its grammar.
            if refusal == nil { try add(&reader, "input.\(count)") } else { try reader.skipValue() }
            count += 1
            if count == Self.mostTexts + 1 {
                refusal = RequestRefusal("'input' must have at most \(Self.mostTexts) texts.", param: "input")
            }
        }
        if count == 0 { refusal = RequestRefusal("'input' must have at least one text.", param: "input") }
    }

    func texts() throws(RequestRefusal) -> [Range<Int>] {
        if let refusal { throw refusal }
        return ranges
    }

    private mutating func add(_ reader: inout JSONReader, _ place: String) throws(JSONError) {
        let kind = try reader.peekKind()
        let range = try reader.skipValue()
        switch kind {
        case .string where range.count > 2: ranges.append(range)
        case .string: refusal = RequestRefusal("'\(place)' must not be an empty string.", param: place)
        case .number, .array:
            refusal = RequestRefusal(
                "'\(place)' has tokens. Bedrock takes only text: send a string or a list of strings.", param: place)
        case .object, .bool, .null: refusal = RequestRefusal("'\(place)' must be a string.", param: place)
        }
    }
}
