import JSONBytes

/// What a provider says of its whole answer in one JSON object, be it an event of a stream or a plain answer. Only
/// where providers write it: what a caller has sent may be repeated elsewhere in the object, and be anything.
struct ResponseMembers {
    /// Longer than any name. In characters.
    private static let longestModel = 200

    /// The model that has answered.
    private(set) var model: String?
    /// What is said beside the model, and what of it inside of other members.
    private var outer: TokenUsage?
    private var inner: TokenUsage?
    private var hasUsage = false
    /// There are `choices`, but none.
    private var hasNoChoices = false
    private var isWhole = false
    /// Nothing is wanted but the model, which most say at the beginning: what follows isn't read.
    private let endsWithModel: Bool
    private let text: [UInt8]

    /// It is the event in which a provider says, because it was asked to, what a stream has cost, and nothing besides:
    /// `{"choices":[],"usage":{…}}`.
    var isUsageAlone: Bool { isWhole && hasNoChoices && hasUsage && hasNothingBesides }

    /// Nil if none can be read.
    var usage: TokenUsage? {
        guard var usage = inner, let outer else { return outer ?? inner }
        usage.update(with: outer)
        return usage
    }

    /// - Parameter text: may be cut off: then it says what it says up to there.
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

    /// Of an error in place of an answer: an object, the first one of an array, or the data of events. In any other
    /// text an object may be the caller's own.
    init(ofError body: [UInt8]) {
        self = body.withUnsafeBytes { bytes in
            if BodyStart(bytes) == .events { return ResponseMembers(EventFields(bytes).data) }
            var start = bytes.startOfContent
            if start < bytes.count, bytes[start] == UInt8(ascii: "[") { start += 1 }
            return ResponseMembers(Array(bytes[start...]))
        }
    }

    /// The Responses API has it in `response`, Groq in `x_groq`, Moonshot in its choices; some have it in an error.
    private mutating func read(_ reader: inout JSONReader, of text: [UInt8], isInner: Bool) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch (key, try reader.peekKind()) {
            case ("model", .string):
                let name = try reader.readString()
                if model == nil, !name.isEmpty { model = String(name.unicodeScalars.prefix(Self.longestModel)) }
                // The reader stops only by an error; `init` drops it.
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

// MARK: - What stands beside the usage

extension ResponseMembers {
    /// What providers write into every chunk, so that nothing is lost with it: OpenAI, Azure and most others the first
    /// eight, OpenRouter `provider`, OpenAI `obfuscation`, a padding (docs/usage.md).
    private static let ofEveryChunk: [StaticString] = [
        "id", "object", "created", "model", "system_fingerprint", "service_tier", "choices", "usage", "provider",
        "obfuscation",
    ]

    private var hasNothingBesides: Bool {
        var reader = JSONReader(text, allowsNonFinite: true)
        var hasNothing = true
        try? reader.readObject { key, reader throws(JSONError) in
            if key == "x_groq", try reader.peekKind() == .object {
                // Groq repeats the usage there, and the id of the request.
                try reader.readObject { key, reader throws(JSONError) in
                    let isEmpty = try reader.skipsEmpty(of: text)
                    hasNothing = hasNothing && (isEmpty || key == "id" || key == "usage")
                }
            } else {
                let isEmpty = try reader.skipsEmpty(of: text)
                hasNothing = hasNothing && (isEmpty || Self.ofEveryChunk.contains { key == $0 })
            }
        }
        return hasNothing
    }
}
