import JSONBytes

/// What the proxy has to know of a request's JSON object. The whole text is checked on the way.
struct RequestMembers {
    /// Where the value of `model` stands; nil if there is none.
    private(set) var model: Range<Int>?
    /// That value, if it is a string: without its escapes.
    private(set) var modelName: String?
    /// Another member from which a server might take the model.
    private(set) var disguisedModel: String?
    /// Whether it has `"stream": true`.
    private(set) var wantsStream = false
    /// Whether some server might take it for that: because of a second `stream`, or one that is 1 or is in capitals.
    private(set) var mayStream = false
    private(set) var usageOption = UsageOption()
    /// The answer comes at once, and what is used is known only later.
    private(set) var runsInBackground = false
    /// The offset behind the opening brace.
    let start: Int
    private(set) var isEmpty = true

    private var models = 0

    init(_ body: [UInt8]) throws(ProxyError) {
        guard !body.isEmpty else { throw .invalidBody("it is empty") }
        guard body.withUnsafeBytes({ $0.isUTF8 }) else { throw .invalidBody("it is not UTF-8") }
        var reader = JSONReader(body)
        do throws(JSONError) {
            guard try reader.peekKind() == .object else { throw JSONError(.wrongType, at: reader.position) }
            start = reader.position + 1
            try readAll(&reader)
        } catch {
            throw .invalidBody("\(error)")
        }
        guard models < 2 else { throw .duplicateModel }
    }

    /// Puts a member behind the opening brace.
    func added(_ key: String, _ value: JSONValue) -> Splice {
        let member = JSONValue.object([(key, value)]).serialized.dropFirst().dropLast()
        return Splice(start..<start, member + (isEmpty ? [] : [UInt8(ascii: ",")]))
    }

    private mutating func readAll(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            isEmpty = false
            try read(key, &reader)
        }
        try reader.finish()
    }

    private mutating func read(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        let name = LooseName(key)
        switch name {
        case "model" where key == "model": try readModel(&reader)
        case "stream": try readStream(&reader, isExact: key == "stream")
        case "streamoptions": try usageOption.read(&reader, isExact: key == "stream_options")
        case "background": runsInBackground = try readsAsYes(&reader) || runsInBackground
        case "tools": if try LooseName.hasModel(inTools: &reader) { disguisedModel = "a model in 'tools'" }
        default:
            if name.choosesModel { disguisedModel = "'\(key.text.unicodeScalars.prefix(64))'" }
            try reader.skipValue()
        }
    }

    private mutating func readModel(_ reader: inout JSONReader) throws(JSONError) {
        models += 1
        guard try reader.peekKind() == .string else { return model = try reader.skipValue() }
        let start = reader.position
        modelName = try reader.readString()
        model = start..<reader.position
    }

    private mutating func readStream(_ reader: inout JSONReader, isExact: Bool) throws(JSONError) {
        let isBool = try reader.peekKind() == .bool
        let isYes = try readsAsYes(&reader)
        mayStream = mayStream || isYes
        if isExact, isBool { wantsStream = isYes }
    }

    /// Whether some server might take the next value for true: all but false and null.
    private func readsAsYes(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        let kind = try reader.peekKind()
        if kind == .bool { return try reader.readBool() }
        try reader.skipValue()
        return kind != .null
    }
}
