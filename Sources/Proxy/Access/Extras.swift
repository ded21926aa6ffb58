import JSONBytes

/// What a request wants beside the tokens of its model: what is paid for otherwise, or what was stored for others.
struct Extras {
    /// The types of the tools that the provider itself runs, each once.
    private(set) var tools: [String] = []
    /// A member that names something which the provider has stored; nil if there is none.
    private(set) var storedData: String?
    /// A tier that may cost more than what the table has as the price.
    private(set) var tier: String?
    /// A member by which the answer comes later, and with it what it has used.
    private(set) var uncountable: String?
    /// A tool has a model of its own, as that of the Responses API which makes images.
    private(set) var hasToolModel = false
    /// How much of the request is base64 of pictures, sounds and files. In bytes.
    private(set) var binaryBytes = 0

    /// More than anybody uses in one request.
    private static let mostTools = 16
    /// Longer than the name of any tool. In bytes.
    private static let longestName = 64

    /// What has no name is called "unnamed": a pattern may open all tools, but none that nobody can name.
    mutating func add(tool: some Collection<UInt8>) {
        guard tools.count <= Self.mostTools else { return }
        let isName = tool.count <= Self.longestName && !tool.isEmpty && tools.count < Self.mostTools
        let name = isName ? String(decoding: tool, as: UTF8.self) : "unnamed"
        if !tools.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { tools.append(name) }
    }

    mutating func add(storedData name: String) { storedData = storedData ?? name }
    mutating func add(binaryBytes count: Int) { binaryBytes += count }
    mutating func addToolModel() { hasToolModel = true }

    /// Reads the value of a member of the request.
    /// - Returns: false if it is none that matters here, and wasn't read.
    mutating func read(_ name: LooseName, _ reader: inout JSONReader) throws(JSONError) -> Bool {
        if let place = Place(ofMember: name) {
            let word = ExtraNames.tool(name) ?? ExtraNames.storedData(name) ?? ""
            var walk = ExtrasWalk(self, in: place, called: word)
            try reader.walkValue(&walk)
            self = walk.found
        } else if let word = ExtraNames.delaying(name) {
            if try reader.readsAsYes() { uncountable = "\(word)" }
        } else if let allowed = ExtraNames.tiers(name) {
            try readTier(&reader, allowed)
        } else {
            return false
        }
        return true
    }

    private mutating func readTier(_ reader: inout JSONReader, _ allowed: [StaticString]) throws(JSONError) {
        guard try reader.peekKind() == .string else {
            if try reader.readsAsYes() { tier = tier ?? "unnamed" }
            return
        }
        let name = try reader.readStringBytes()
        guard !allowed.contains(where: { name.elementsEqual($0.utf8Bytes) }) else { return }
        tier = tier ?? String(decoding: name.prefix(Self.longestName), as: UTF8.self)
    }
}

extension JSONReader {
    /// Whether some server might take the next value for true: all but false and null.
    mutating func readsAsYes() throws(JSONError) -> Bool {
        let kind = try peekKind()
        if kind == .bool { return try readBool() }
        try skipValue()
        return kind != .null
    }
}
