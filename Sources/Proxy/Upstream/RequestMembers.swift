import JSONBytes

/// What the proxy has to know of a request's JSON object. The whole text is checked on the way.
struct RequestMembers {
    /// Where the value of `model` stands; nil if there is none.
    let model: Range<Int>?
    /// That value, if it is a string: without its escapes.
    let modelName: String?
    /// A member that is written like `model`, or names several: Go's JSON reads `MODEL` as `model`, and gateways choose
    /// from `models` and `fallbacks`.
    let disguisedModel: String?
    /// Whether it has `"stream": true`.
    let wantsStream: Bool
    /// Whether some server might take it for that: because of a second `stream`, or one that is 1 or is in capitals.
    let mayStream: Bool
    let usageOption: UsageOption
    /// The offset behind the opening brace.
    let start: Int
    let isEmpty: Bool

    /// Puts a member behind the opening brace.
    func added(_ key: String, _ value: JSONValue) -> Splice {
        let member = JSONValue.object([(key, value)]).serialized.dropFirst().dropLast()
        return Splice(start..<start, member + (isEmpty ? [] : [UInt8(ascii: ",")]))
    }

    init(_ body: [UInt8]) throws(ProxyError) {
        guard !body.isEmpty else { throw .invalidBody("it is empty") }
        guard body.withUnsafeBytes({ $0.isUTF8 }) else { throw .invalidBody("it is not UTF-8") }
        var reader = JSONReader(body)
        var model: Range<Int>?
        var modelName: String?
        var models = 0
        var disguisedModel: String?
        var wantsStream = false
        var mayStream = false
        var usageOption = UsageOption()
        var isEmpty = true
        do throws(JSONError) {
            guard try reader.peekKind() == .object else { throw JSONError(.wrongType, at: reader.position) }
            start = reader.position + 1
            try reader.readObject { key, reader throws(JSONError) in
                isEmpty = false
                if Self.folded(key) == "stream" {
                    let kind = try reader.peekKind()
                    guard kind == .bool else {
                        mayStream = mayStream || kind != .null
                        return try _ = reader.skipValue()
                    }
                    let isYes = try reader.readBool()
                    mayStream = mayStream || isYes
                    if key == "stream" { wantsStream = isYes }
                    return
                }
                if Self.folded(key) == "stream_options" {
                    return try usageOption.read(&reader, isExact: key == "stream_options")
                }
                guard key == "model" else {
                    if Self.isLikeModel(key) { disguisedModel = key }
                    if Self.folded(key) == "tools" {
                        if try Self.hasModel(inTools: &reader) { disguisedModel = "a model in \(key)" }
                        return
                    }
                    return try _ = reader.skipValue()
                }
                models += 1
                if try reader.peekKind() == .string {
                    let start = reader.position
                    modelName = try reader.readString()
                    model = start..<reader.position
                } else {
                    model = try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            throw .invalidBody("\(error)")
        }
        guard models < 2 else { throw .duplicateModel }
        self.model = model
        self.modelName = modelName
        self.disguisedModel = disguisedModel
        self.wantsStream = wantsStream
        self.mayStream = mayStream
        self.usageOption = usageOption
        self.isEmpty = isEmpty
    }

    /// As Go's JSON compares names: in lower case, and with a long s and a Kelvin sign for what they look like.
    private static func folded(_ key: String) -> String {
        guard key.utf8.count <= 64 else { return key }
        return String(key.lowercased().map { $0 == "ſ" ? "s" : $0 })
    }

    private static func isLikeModel(_ key: String) -> Bool {
        let letters = folded(key).filter { !$0.isWhitespace }
        return letters == "model" || letters == "models" || letters.hasSuffix("fallbacks") || letters == "extra_body"
    }

    /// Whether a tool has a model of its own, as that of the Responses API which makes images.
    private static func hasModel(inTools reader: inout JSONReader) throws(JSONError) -> Bool {
        guard try reader.peekKind() == .array else {
            try reader.skipValue()
            return false
        }
        var hasModel = false
        try reader.readArray { reader throws(JSONError) in
            guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
            try reader.readObject { key, reader throws(JSONError) in
                hasModel = hasModel || isLikeModel(key)
                try reader.skipValue()
            }
        }
        return hasModel
    }
}
