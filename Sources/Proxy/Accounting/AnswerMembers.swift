import JSONBytes

/// What a provider says of its whole answer in one JSON object, be it an event of a stream or a plain answer. Only where
/// providers write it: what a caller has sent may be repeated elsewhere in the object, and be anything.
struct AnswerMembers {
    /// Longer than any name. In characters.
    private static let longestModel = 200

    /// The model that has answered.
    private(set) var model: String?
    /// The text of a usage object, or the beginning of a long one.
    private(set) var usage: [UInt8]?
    /// There are `choices`, but none.
    private var hasNoChoices = false
    private var isWhole = false

    /// It is the event in which a provider says, because it was asked to, what a stream has cost:
    /// `{"choices":[],"usage":{…}}`.
    var isUsageAlone: Bool { isWhole && hasNoChoices && usage != nil }

    /// - Parameter text: may be cut off: then it says what it says up to there.
    init(_ text: [UInt8]) {
        var reader = JSONReader(text)
        do throws(JSONError) {
            try read(&reader, of: text, isInner: false)
            try reader.finish()
            isWhole = true
        } catch {
            isWhole = false
        }
    }

    /// The Responses API has it in `response`, Groq in `x_groq`.
    private mutating func read(_ reader: inout JSONReader, of text: [UInt8], isInner: Bool) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch (key, try reader.peekKind()) {
            case ("model", .string):
                let name = try reader.readString()
                if model == nil, !name.isEmpty { model = String(name.unicodeScalars.prefix(Self.longestModel)) }
            case ("usage", .object): usage = Array(text[try reader.skipValue()].prefix(UsageReader.longest))
            case ("choices", .array): hasNoChoices = try Self.isEmptyArray(&reader)
            case ("response", .object) where !isInner, ("x_groq", .object) where !isInner:
                try read(&reader, of: text, isInner: true)
            default: try reader.skipValue()
            }
        }
    }

    private static func isEmptyArray(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        var isEmpty = true
        try reader.readArray { reader throws(JSONError) in
            isEmpty = false
            try reader.skipValue()
        }
        return isEmpty
    }
}
