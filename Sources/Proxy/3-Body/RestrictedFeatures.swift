import JSONBytes

/// What a request asks for besides the tokens of its model: features with a price of their own, or data that was stored
/// for others.
struct RestrictedFeatures {
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
        guard tools.count <= Self.mostTools, !has(tool) else { return }
        let isName = tool.count <= Self.longestName && !tool.isEmpty && tools.count < Self.mostTools
        guard isName || !has("unnamed".utf8) else { return }
        tools.append(isName ? String(decoding: tool, as: UTF8.self) : "unnamed")
    }

    private func has(_ tool: some Collection<UInt8>) -> Bool { tools.contains { $0.utf8.elementsEqual(tool) } }

    mutating func add(storedData name: StaticString) { storedData = storedData ?? "\(name)" }
    mutating func add(binaryBytes count: Int) { binaryBytes += count }
    mutating func addToolModel() { hasToolModel = true }

    /// Reads the value of a member of the request.
    /// - Returns: false if it is none that matters here, and wasn't read.
    mutating func read(_ name: NormalizedName, _ reader: inout JSONReader) throws(JSONError) -> Bool {
        if let role = MemberRole(ofMember: name) {
            let word = RestrictedFeatureNames.tool(name) ?? RestrictedFeatureNames.storedData(ofRequest: name) ?? ""
            var walk = RestrictedFeatureScanner(self, in: role, called: word)
            try reader.walkValue(&walk)
            self = walk.found
        } else if let word = RestrictedFeatureNames.delaying(name) {
            if try reader.readsAsYes() { uncountable = "\(word)" }
        } else if let allowed = RestrictedFeatureNames.tiers(name) {
            try readTier(&reader, allowed, isObject: name == "performanceconfig")
        } else {
            return false
        }
        return true
    }

    /// - Parameter isObject: whether it stands in an object, as in Bedrock's `performanceConfig`.
    private mutating func readTier(
        _ reader: inout JSONReader, _ allowed: [StaticString], isObject: Bool
    ) throws(JSONError) {
        switch try reader.peekKind() {
        case .string: try readTierName(&reader, allowed)
        case .object where isObject:
            try reader.readObject { key, reader throws(JSONError) in
                guard NormalizedName(key) == "latency" else { return try _ = reader.skipValue() }
                if try reader.peekKind() == .string { return try readTierName(&reader, allowed) }
                if try reader.readsAsYes() { tier = tier ?? "unnamed" }
            }
        default: if try reader.readsAsYes() { tier = tier ?? "unnamed" }
        }
    }

    private mutating func readTierName(_ reader: inout JSONReader, _ allowed: [StaticString]) throws(JSONError) {
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

/// Tells whether a string names what the provider has stored, under the owner's token.
enum StoredName {
    /// No name is longer. In bytes.
    private static let longest = 100

    /// What Qwen takes for a file wherever it stands, even at the beginning of a prompt.
    static func isQwenFile(_ string: JSONText) -> Bool {
        guard let first = string.raw.first, first <= 0x20 || first == UInt8(ascii: "\\") || first | 0x20 == 0x66 else {
            return false
        }
        return string.beginning(longest).withBytes { $0.withoutOuterBlanks.hasLoosePrefix("fileid://") }
    }

    /// Of a string where a file or its address belongs.
    /// - Parameter isAttachment: whether a name may be any word.
    static func isName(_ string: JSONText, isAttachment: Bool) -> Bool {
        let isShort = string.raw.count <= longest
        return string.beginning(longest).withBytes { bytes in
            let text = bytes.withoutOuterBlanks
            guard !text.hasLoosePrefix("data:") else { return false }
            let isWord = isShort && !text.isEmpty && text.allSatisfy(\.isOfName)
            return isWord && (isAttachment || text.hasLoosePrefix("file-") || text.hasLoosePrefix("file_"))
                || text.isStoredURI
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// The word is in lower case.
    fileprivate func hasLoosePrefix(_ word: StaticString) -> Bool {
        prefix(word.utf8CodeUnitCount).elementsEqual(word.utf8Bytes, by: UInt8.isSameLetter)
    }

    /// Whether it is an address that isn't the web's, such as `gs://` or `ms://`, or one of Gemini's files.
    fileprivate var isStoredURI: Bool {
        if hasLoosePrefix("https://generativelanguage.googleapis.com/") { return true }
        let scheme = prefix { $0.isOfName }
        let isURI = !scheme.isEmpty && self[scheme.endIndex...].hasLoosePrefix("://")
        return isURI && !hasLoosePrefix("http://") && !hasLoosePrefix("https://")
    }
}

extension UInt8 {
    fileprivate var isOfName: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
