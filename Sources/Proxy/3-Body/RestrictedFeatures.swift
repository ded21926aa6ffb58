import JSONBytes

/// What a request uses besides tokens of its model: features with a price of their own, or data that may have been
/// stored for others.
struct RestrictedFeatures {
    /// The types of the tools that the provider runs, without duplicates.
    private(set) var tools: [String] = []
    /// A member that names something the provider has stored; nil if there is none.
    private(set) var storedData: String?
    /// A tier that may cost more than the price in the table.
    private(set) var tier: String?
    /// A member that makes the answer, and with it the usage, arrive later.
    private(set) var uncountable: String?
    /// Whether a tool has a model of its own, as the Responses API's image generation has.
    private(set) var hasToolModel = false
    /// How much of the request is base64 of images, audio and files. In bytes.
    private(set) var binaryBytes = 0

    /// More than any request needs.
    private static let mostTools = 16
    /// Longer than the name of any tool. In bytes.
    private static let longestName = 64

    /// A tool without a usable name is called "unnamed", so that no pattern for a certain tool allows it.
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
    /// - Returns: false if the member doesn't matter here; its value has not been read.
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

    /// - Parameter isObject: whether the tier may be inside an object, as in Bedrock's `performanceConfig`.
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
    /// Whether some server might read the next value as true: anything but false and null.
    mutating func readsAsYes() throws(JSONError) -> Bool {
        let kind = try peekKind()
        if kind == .bool { return try readBool() }
        try skipValue()
        return kind != .null
    }
}

/// Recognizes the names of data that the provider has stored under the owner's token.
enum StoredName {
    /// No name is longer. In bytes.
    private static let longest = 100

    /// Whether Qwen reads it as a stored file. It does so anywhere, even at the beginning of a prompt.
    static func isQwenFile(_ string: JSONText) -> Bool {
        guard let first = string.raw.first, first <= 0x20 || first == UInt8(ascii: "\\") || first | 0x20 == 0x66 else {
            return false
        }
        return string.beginning(longest).withBytes { $0.withoutOuterBlanks.hasLoosePrefix("fileid://") }
    }

    /// Whether a string that should be a file or its URL is such a name.
    /// - Parameter isAttachment: whether a name may be any word.
    static func isName(_ string: JSONText, isAttachment: Bool) -> Bool {
        let isShort = string.raw.count <= longest
        return string.beginning(longest).withBytes { bytes in
            let text = bytes.withoutOuterBlanks
            guard !text.hasLoosePrefix("data:") else { return false }
            let isWord = isShort && !text.isEmpty && text.allSatisfy(\.isNameByte)
            return isWord && (isAttachment || text.hasLoosePrefix("file-") || text.hasLoosePrefix("file_"))
                || text.isStoredURI
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Ignores case; the word is in lower case.
    fileprivate func hasLoosePrefix(_ word: StaticString) -> Bool {
        prefix(word.utf8CodeUnitCount).elementsEqual(word.utf8Bytes, by: UInt8.isSameLetter)
    }

    /// Whether it is a URI with a scheme other than HTTP's, such as `gs://` or `ms://`, or one of Gemini's files.
    fileprivate var isStoredURI: Bool {
        if hasLoosePrefix("https://generativelanguage.googleapis.com/") { return true }
        let scheme = prefix { $0.isNameByte }
        let isURI = !scheme.isEmpty && self[scheme.endIndex...].hasLoosePrefix("://")
        return isURI && !hasLoosePrefix("http://") && !hasLoosePrefix("https://")
    }
}

extension UInt8 {
    fileprivate var isNameByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
