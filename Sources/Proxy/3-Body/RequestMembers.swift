import JSONBytes

/// What the proxy needs to know about a request's JSON object. The whole text is validated.
struct RequestMembers {
    /// The range of the value of `model`; nil if there is none.
    private(set) var model: Range<Int>?
    /// That value without its escapes, or the model that the path names, if it may be a model's name.
    private(set) var modelName: String?
    /// The beginning of that name, for the record.
    private(set) var shownModel: String?
    /// Another member that a server might read as the model.
    private(set) var disguisedModel: String?
    /// Whether it has `"stream": true`.
    private(set) var wantsStream = false
    /// Whether some server might read it as that: it may have a second `stream`, or one that is 1 or in capitals.
    private(set) var mayStream = false
    private(set) var usageOption = UsageOption()
    private(set) var restrictedFeatures = RestrictedFeatures()
    /// The offset after the opening brace.
    let start: Int
    private(set) var isEmpty = true

    private var models = 0
    /// The limit of names, strings, objects and arrays, each of which takes as much time as about a hundred bytes of a
    /// prompt. The longest chats have a few thousand. A batch of embeddings has up to 300,000 numbers, and each counts
    /// as an eighth.
    private static let mostValues = 65_536
    /// In bytes.
    private static let longestModel = 1024

    /// - Parameter deployment: the model that the path names, which replaces the body's.
    init(_ body: [UInt8], deployment: String? = nil) throws(ProxyError) {
        guard !body.isEmpty else { throw .invalidBody("it is empty") }
        guard body.withUnsafeBytes({ $0.isUTF8 }) else { throw .invalidBody("it is not UTF-8") }
        var reader = JSONReader(body, maximumCount: Self.mostValues)
        do throws(JSONError) {
            guard try reader.peekKind() == .object else { throw JSONError(.wrongType, at: reader.position) }
            start = reader.position + 1
            try readAll(&reader, deployment)
        } catch {
            throw error.reason == .tooMany ? .tooManyValues(limit: Self.mostValues) : .invalidBody("\(error)")
        }
        guard models < 2 else { throw .duplicateModel }
    }

    /// Inserts a member after the opening brace.
    func added(_ key: String, _ value: JSONValue) -> Splice {
        let member = JSONValue.object([(key, value)]).serialized.dropFirst().dropLast()
        return Splice(start..<start, member + (isEmpty ? [] : [UInt8(ascii: ",")]))
    }

    private mutating func readAll(_ reader: inout JSONReader, _ deployment: String?) throws(JSONError) {
        if let deployment { note(Array(deployment.utf8)) }
        try reader.readObject { key, reader throws(JSONError) in
            isEmpty = false
            try read(key, &reader, isModelRead: deployment == nil)
        }
        try reader.finish()
    }

    private mutating func read(
        _ key: JSONKey, _ reader: inout JSONReader, isModelRead: Bool
    ) throws(JSONError) {
        let name = NormalizedName(key)
        switch name {
        case "model" where key == "model": try readModel(&reader, isRead: isModelRead)
        case "stream": try readStream(&reader, isExact: key == "stream")
        case "streamoptions": try usageOption.read(&reader, isExact: key == "stream_options")
        default:
            if disguisedModel == nil, name.choosesModel {
                disguisedModel = "'\(key.text.unicodeScalars.prefix(64))'"
            }
            if try !restrictedFeatures.read(name, &reader) { try reader.skipValue() }
        }
    }

    private mutating func readModel(_ reader: inout JSONReader, isRead: Bool) throws(JSONError) {
        models += 1
        guard isRead, try reader.peekKind() == .string else { return model = try reader.skipValue() }
        let start = reader.position
        let name = try reader.readStringBytes()
        model = start..<reader.position
        note(name)
    }

    /// Notes the model that the body or the path names.
    private mutating func note(_ name: [UInt8]) {
        // With these suffixes, OpenRouter searches the web or takes another model from a preset.
        for part in [name.prefix(Self.longestModel), name.suffix(Self.longestModel)] {
            if part.searchesWeb { restrictedFeatures.add(tool: "web_search".utf8) }
            if part.namesPreset { disguisedModel = disguisedModel ?? "a preset in 'model'" }
        }
        shownModel = String(decoding: name.prefix(Self.longestModel), as: UTF8.self)
        // No model has a longer name, so it isn't compared with any.
        modelName = name.count <= Self.longestModel ? String(decoding: name, as: UTF8.self) : nil
    }

    private mutating func readStream(_ reader: inout JSONReader, isExact: Bool) throws(JSONError) {
        let isBool = try reader.peekKind() == .bool
        let isYes = try reader.readsAsYes()
        mayStream = mayStream || isYes
        if isExact, isBool { wantsStream = isYes }
    }
}

extension ArraySlice<UInt8> {
    /// Whether one of the words after a colon is `online`, in any case: `vendor/model:online:free`.
    fileprivate var searchesWeb: Bool {
        split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).dropFirst().contains {
            NormalizedName($0) == "online"
        }
    }

    fileprivate var namesPreset: Bool {
        indices.contains { self[$0...].prefix(8).elementsEqual("@preset/".utf8, by: UInt8.isSameLetter) }
    }
}

/// Whether a request asks for the usage at the end of its stream: `"stream_options":{"include_usage":true}`.
///
/// Providers differ in how they read a duplicate member, or one that is `"no"`. So every such member is changed to ask
/// for the usage: otherwise a caller could choose to be charged an estimate.
struct UsageOption {
    /// Whether there is no `stream_options`.
    private(set) var isMissing = true
    /// The changes that make every option ask for the usage; none if they all do.
    private(set) var changes: [Splice] = []

    /// Allocated once, since a caller may repeat the option many times.
    private static let option = Array(#"{"include_usage":true}"#.utf8)
    private static let yes = Array("true".utf8)

    /// Reads the value of `stream_options`.
    /// - Parameter isExact: false if only some servers read the member as `stream_options`.
    mutating func read(_ reader: inout JSONReader, isExact: Bool) throws(JSONError) {
        isMissing = isMissing && !isExact
        guard try reader.peekKind() == .object else {
            changes.append(Splice(try reader.skipValue(), Self.option))
            return
        }
        let start = reader.position + 1
        var isEmpty = true
        var isAnswered = false
        try reader.readObject { key, reader throws(JSONError) in
            isEmpty = false
            guard NormalizedName(key) == "includeusage" else { return try _ = reader.skipValue() }
            isAnswered = isAnswered || key == "include_usage"
            let kind = try reader.peekKind()
            let position = reader.position
            let isYes = kind == .bool ? try reader.readBool() : false
            if kind != .bool { try reader.skipValue() }
            if !isYes { changes.append(Splice(position..<reader.position, Self.yes)) }
        }
        if !isAnswered { changes.append(Splice(start..<start, #""include_usage":true"# + (isEmpty ? "" : ","))) }
    }
}
