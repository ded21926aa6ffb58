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
        var usageOption = UsageOption.missing
        var isEmpty = true
        do throws(JSONError) {
            guard try reader.peekKind() == .object else { throw JSONError(.wrongType, at: reader.position) }
            start = reader.position + 1
            try reader.readObject { key, reader throws(JSONError) in
                isEmpty = false
                if key == "stream", try reader.peekKind() == .bool { return wantsStream = try reader.readBool() }
                if key == "stream_options" { return try usageOption.read(&reader) }
                guard key == "model" else {
                    if Self.isLikeModel(key) { disguisedModel = key }
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
        self.usageOption = usageOption
        self.isEmpty = isEmpty
    }

    private static func isLikeModel(_ key: String) -> Bool {
        guard (5...32).contains(key.utf8.count) else { return false }
        let letters = key.lowercased().filter { !$0.isWhitespace }
        return letters == "model" || letters == "models" || letters == "fallbacks"
    }
}
