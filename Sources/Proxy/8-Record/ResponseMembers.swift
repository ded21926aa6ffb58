import JSONBytes

/// What a provider says about its whole response in one JSON object: an event of a stream, or a response without one.
/// It is read only where providers write it, since other members may repeat what the caller has sent.
struct ResponseMembers {
    /// Longer than any name. In characters.
    private static let longestModel = 200

    /// The model that has answered.
    private(set) var model: String?
    /// The usage at the top level, and inside other members.
    private var outer: TokenUsage?
    private var inner: TokenUsage?
    private var hasUsage = false
    /// Whether `choices` is empty.
    private var hasNoChoices = false
    private var isWhole = false
    /// Whether only the model is wanted. Most providers write it at the beginning, so the rest isn't read.
    private let endsWithModel: Bool
    private let text: [UInt8]

    /// Whether it is the event with only the usage of a stream, which providers send on request:
    /// `{"choices":[],"usage":{…}}`.
    var isUsageAlone: Bool { isWhole && hasNoChoices && hasUsage && hasNothingElse }

    /// Nil if there is none that can be read.
    var usage: TokenUsage? {
        guard var usage = inner, let outer else { return outer ?? inner }
        usage.update(with: outer)
        return usage
    }

    /// - Parameter text: may be cut off. Then what it says up to there counts.
    init(_ text: [UInt8], endsWithModel: Bool = false) {
        self.endsWithModel = endsWithModel
        self.text = text
        var reader = JSONReader(text, allowsNonFinite: true)
        do throws(JSONError) {
            try read(&reader, of: text, isInner: false)
            try reader.finish()
            isWhole = true
        } catch {
            isWhole = false
        }
    }

    /// Reads an error body: an object, the first one in an array, or the data of events. In any other text, an object
    /// may be the caller's own.
    init(ofError body: [UInt8]) {
        self = body.withUnsafeBytes { bytes in
            if BodyStart(bytes) == .events { return ResponseMembers(EventFields(bytes).data) }
            var start = bytes.startOfContent
            if start < bytes.count, bytes[start] == UInt8(ascii: "[") { start += 1 }
            return ResponseMembers(Array(bytes[start...]))
        }
    }

    /// The Responses API writes the usage into `response`, Groq into `x_groq`, Moonshot into its choices, and some
    /// providers into an error.
    private mutating func read(_ reader: inout JSONReader, of text: [UInt8], isInner: Bool) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch (key, try reader.peekKind()) {
            case ("model", .string):
                let name = try reader.readString()
                if model == nil, !name.isEmpty { model = String(name.unicodeScalars.prefix(Self.longestModel)) }
                // The reader stops only at an error, which `init` ignores.
                if endsWithModel, model != nil { throw JSONError(.trailingBytes, at: reader.position) }
            case ("usage", .object): try readUsage(&reader, of: text, isInner: isInner)
            case ("choices", .array): try readChoices(&reader, of: text)
            case ("response", .object) where !isInner, ("x_groq", .object) where !isInner,
                ("error", .object) where !isInner:
                try read(&reader, of: text, isInner: true)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readChoices(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        hasNoChoices = true
        try reader.readArray { reader throws(JSONError) in
            hasNoChoices = false
            guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
            try reader.readObject { key, reader throws(JSONError) in
                guard key == "usage", try reader.peekKind() == .object else { return try _ = reader.skipValue() }
                try readUsage(&reader, of: text, isInner: true)
            }
        }
    }

    private mutating func readUsage(
        _ reader: inout JSONReader, of text: [UInt8], isInner: Bool
    ) throws(JSONError) {
        let place = try reader.skipValue()
        hasUsage = true
        guard let said = UsageReader.usage(in: Array(text[place].prefix(UsageReader.longest))) else { return }
        var usage = (isInner ? inner : outer) ?? said
        usage.update(with: said)
        if isInner { inner = usage } else { outer = usage }
    }
}

// MARK: - An event with only the usage

extension ResponseMembers {
    /// The members that providers write into every chunk, so that hiding one chunk loses nothing: OpenAI, Azure and
    /// most others the first eight, OpenRouter `provider`, OpenAI `obfuscation`, which is padding (docs/usage.md).
    private static let everyChunk: [StaticString] = [
        "id", "object", "created", "model", "system_fingerprint", "service_tier", "choices", "usage", "provider",
        "obfuscation",
    ]

    private var hasNothingElse: Bool {
        var reader = JSONReader(text, allowsNonFinite: true)
        var isAlone = true
        try? reader.readObject { key, reader throws(JSONError) in
            if key == "x_groq", try reader.peekKind() == .object {
                // Groq repeats the usage there, and the id of the request.
                try reader.readObject { key, reader throws(JSONError) in
                    let isEmpty = try reader.skipsEmpty(of: text)
                    isAlone = isAlone && (isEmpty || key == "id" || key == "usage")
                }
            } else {
                let isEmpty = try reader.skipsEmpty(of: text)
                isAlone = isAlone && (isEmpty || Self.everyChunk.contains { key == $0 })
            }
        }
        return isAlone
    }
}
