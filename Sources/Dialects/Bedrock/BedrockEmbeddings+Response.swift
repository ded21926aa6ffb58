import Digests
import JSONBytes

extension BedrockEmbeddings {
    /// Joins the responses into OpenAI's.
    /// - Parameters:
    ///   - answers: the bodies of the responses, in the order of the calls.
    ///   - tokens: the header `x-amzn-bedrock-input-token-count` of each response; nil where it is missing.
    /// - Throws: if a response doesn't have what its call asked for.
    package func response(_ answers: [[UInt8]], tokens: [Int?]) throws(BedrockFailure) -> [UInt8] {
        guard answers.count == calls.count, tokens.count == calls.count else {
            throw BedrockFailure(malformed: "\(answers.count) responses for \(calls.count) calls")
        }
        var output: [UInt8] = []
        output.reserveCapacity(answers.reduce(512) { $0 + $1.count + 64 })
        output += #"{"object":"list","data":["#.utf8
        var (index, total) = (0, 0)
        for (call, (bytes, count)) in zip(calls, zip(answers, tokens)) {
            let answer = try EmbeddingAnswer(bytes)
            guard answer.vectors.count == call.count else {
                throw BedrockFailure(malformed: "\(answer.vectors.count) vectors for \(call.count) texts")
            }
            for vector in answer.vectors {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output += #"{"object":"embedding","index":\#(index),"embedding":"#.utf8
                try write(vector, of: bytes, to: &output)
                output.append(UInt8(ascii: "}"))
                index += 1
            }
            total += count.flatMap(EmbeddingAnswer.tokens) ?? answer.tokens ?? 0
        }
        output += #"],"model":"#.utf8
        output += JSONValue.string(model).serialized
        output += #","usage":{"prompt_tokens":\#(total),"total_tokens":\#(total)}}"#.utf8
        return output
    }

    private func write(
        _ vector: EmbeddingAnswer.Vector, of bytes: [UInt8], to output: inout [UInt8]
    ) throws(BedrockFailure) {
        guard vector.count == dimensions ?? vector.count, vector.count > 0 else {
            throw BedrockFailure(malformed: "a vector of \(vector.count) numbers")
        }
        // The numbers pass as Bedrock wrote them.
        guard isBase64 else { return output += bytes[vector.range] }
        output.append(UInt8(ascii: "\""))
        output += Base64.encode(try vector.floats(in: bytes)).utf8
        output.append(UInt8(ascii: "\""))
    }
}

/// The response to one call. Titan has `embedding`, Nova a list of objects with it, and Cohere a list of vectors, either
/// as `embeddings` itself or as its member `float`.
struct EmbeddingAnswer {
    /// A JSON array of numbers.
    struct Vector {
        let range: Range<Int>
        let count: Int
    }

    private(set) var vectors: [Vector] = []
    private(set) var tokens: Int?

    init(_ bytes: [UInt8]) throws(BedrockFailure) {
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            try reader.readObject { key, reader throws(JSONError) in
                switch key {
                case "embedding": try readVector(&reader)
                case "embeddings": try readVectors(&reader)
                case "inputTextTokenCount", "inputTokenCount":
                    tokens = try reader.readWholeNumber().flatMap(Self.tokens)
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            throw BedrockFailure(malformed: "not a JSON object with vectors: \(error)")
        }
    }

    /// A number that can be one of tokens, so that a sum of them doesn't overflow.
    static func tokens(_ count: Int) -> Int? { 0...1_000_000_000 ~= count ? count : nil }

    private mutating func readVectors(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .object else { return try readList(&reader) }
        try reader.readObject { key, reader throws(JSONError) in
            if key == "float" { try readList(&reader) } else { try reader.skipValue() }
        }
    }

    private mutating func readList(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readArray { reader throws(JSONError) in
            guard try reader.peekKind() == .object else { return try readVector(&reader) }
            try reader.readObject { key, reader throws(JSONError) in
                if key == "embedding" { try readVector(&reader) } else { try reader.skipValue() }
            }
        }
    }

    private mutating func readVector(_ reader: inout JSONReader) throws(JSONError) {
        var shape = VectorShape()
        let range = try reader.walkValue(&shape)
        guard shape.isVector else { throw JSONError(.wrongType, at: range.lowerBound) }
        vectors.append(Vector(range: range, count: shape.count))
    }
}

/// Whether a value is an array of numbers, and how many they are.
private struct VectorShape: JSONVisitor {
    private(set) var isVector = true
    private(set) var count = 0
    private var depth = 0

    mutating func open(isObject: Bool) {
        if isObject || depth > 0 { isVector = false }
        depth += 1
    }

    mutating func close() { depth -= 1 }
    mutating func see(key: JSONText) { isVector = false }
    mutating func see(string: JSONText) { isVector = false }

    mutating func see(_ scalar: JSONScalar) {
        if case .number = scalar, depth == 1 { count += 1 } else { isVector = false }
    }
}

extension EmbeddingAnswer.Vector {
    /// The numbers as little-endian 32-bit floats, each the nearest.
    func floats(in bytes: [UInt8]) throws(BedrockFailure) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(4 * count)
        let isFinite = bytes[range].withUnsafeBytes { text in
            var reader = FloatReader(text)
            var isFinite = true
            while let float = reader.next() {
                isFinite = isFinite && float.isFinite
                withUnsafeBytes(of: float.bitPattern.littleEndian) { output.append(contentsOf: $0) }
            }
            return isFinite
        }
        guard isFinite else { throw BedrockFailure(malformed: "a number that is too large for a 32-bit float") }
        return output
    }
}

extension BedrockFailure {
    /// A response with a status of success that isn't what was asked for.
    /// - Parameter detail: what it is instead, for the owner's log.
    init(malformed detail: String) {
        self.init(status: 502, errorType: nil, body: [])
        type = "upstream_error"
        code = "upstream_malformed"
        message = "The model's response isn't what this proxy asked for. Try again, or ask for another model."
        self.detail = detail
    }
}
