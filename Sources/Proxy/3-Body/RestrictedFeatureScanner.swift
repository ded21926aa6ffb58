import JSONBytes

/// Finds restricted features in the value of one of the request's members, by the names of its own members and some of
/// their values.
struct RestrictedFeatureScanner: JSONVisitor {
    private(set) var found: RestrictedFeatures
    /// The role of the next value.
    private var role: MemberRole
    /// The name of the last tool or kind of stored data.
    private var word: StaticString
    /// The innermost open container; one of kind `none` outside of all.
    private var current = Container(kind: .none, role: .other)
    /// The containers around it.
    private var outer: [Container] = []
    /// How many containers are open inside a value that isn't examined, since its members may have any names.
    private var closedDepth = 0

    init(_ restrictedFeatures: RestrictedFeatures, in role: MemberRole, called word: StaticString) {
        found = restrictedFeatures
        self.role = role
        self.word = word
    }

    mutating func see(key: JSONText) {
        guard closedDepth == 0 else { return }
        let name = NormalizedName(key)
        let tool = current.isTool || current.role == .features ? RestrictedFeatureNames.tool(name) : nil
        role = current.role == .features ? (tool == nil ? .other : .tool) : MemberRole(name, inTool: current.isTool)
        if current.isTool, name.choosesModel { found.addToolModel() }
        if role == .tool { word = tool ?? word }
        if role == .stored { word = RestrictedFeatureNames.storedData(name) ?? word }
    }

    mutating func open(isObject: Bool) {
        guard closedDepth == 0 else { return closedDepth += 1 }
        note()
        guard !role.isClosed else {
            if isObject, role == .function { current.hasFunction = true }
            return closedDepth = 1
        }
        var container = Container(kind: isObject ? .object : .array, role: role)
        let isElement = current.kind == .array
        if role == .tools, isObject {
            container.isTool = isElement
            if !isElement { found.add(tool: "tools".utf8) }
        }
        // A function needs only a name.
        if role == .functions, isObject { (container.isTool, container.hasType) = (true, true) }
        if role == .tool, isObject || isElement { found.add(tool: word.utf8Bytes) }
        if role == .type, current.isTool || current.isChoice { found.add(tool: []) }
        outer.append(current)
        current = container
    }

    mutating func close() {
        guard closedDepth == 0 else { return closedDepth -= 1 }
        if current.isReference { found.add(storedData: "id") }
        if current.isTool, !current.isNamed { found.add(tool: []) }
        found.add(binaryBytes: current.fileBytes)
        current = outer.removeLast()
        // The next element of an array has the same role.
        if current.kind == .array { role = current.role }
    }

    mutating func see(string: JSONText) {
        guard closedDepth == 0 else { return }
        guard !string.raw.isEmpty else {
            if role != .type, role != .role { note() }
            return
        }
        note()
        if StoredName.isQwenFile(string) { found.add(storedData: "fileid://") }
        switch role {
        case .type: seeType(string)
        case .tool: addOnce(tool: word)
        case .tools: addOnce(tool: "tools")
        case .features: found.add(tool: NormalizedName(string) == "" ? [] : string.bytes)
        case .stored: found.add(storedData: word)
        case .id: current.hasID = true
        case .mediaType: seeMediaType(string)
        case .format: if RestrictedFeatureNames.isFileFormat(NormalizedName(string)) { current.isFile = true }
        case .result: if string.raw.count >= Container.leastPicture { current.hasPicture = true }
        default: break
        }
        if role.carriesFiles { seeFile(string) }
    }

    mutating func see(_ scalar: JSONScalar) {
        guard closedDepth == 0 else { return }
        if case .null = scalar, current.kind != .array { return }
        note()
        switch role {
        case .tool, .stored:
            if case .bool(false) = scalar { return }
            if role == .tool { addOnce(tool: word) } else { found.add(storedData: word) }
        case .tools: addOnce(tool: "tools")
        case .type: if current.isTool || current.isChoice { found.add(tool: []) }
        case .id: current.hasID = true
        default: break
        }
    }
}

extension RestrictedFeatureScanner {
    /// Notes that the current container has a value with this role that isn't null.
    private mutating func note() {
        switch role {
        case .type: current.hasType = true
        case .role: current.hasRole = true
        case .id, .state, .mediaType, .function, .citations: break
        default: current.hasContent = true
        }
    }

    /// All elements of an array stand for the same tool. It is added once, so that a long array isn't expensive.
    private mutating func addOnce(tool: StaticString) {
        guard current.kind != .array || !current.isAdded else { return }
        current.isAdded = true
        found.add(tool: tool.utf8Bytes)
    }

    private mutating func seeType(_ type: JSONText) {
        guard !current.isTool, !current.isChoice else {
            let name = type.bytes
            let known = current.isTool ? RestrictedFeatureNames.callersTools : RestrictedFeatureNames.choices
            if !known.contains(where: { name.elementsEqual($0.utf8Bytes) }) { found.add(tool: name) }
            return
        }
        switch NormalizedName(type) {
        case "itemreference": found.add(storedData: "item_reference")
        case "imagegenerationcall": current.isPicture = true
        case "text": current.isText = true
        default: break
        }
    }

    private mutating func seeMediaType(_ type: JSONText) {
        type.beginning(Container.longestMediaType).withBytes { type in
            if NormalizedName(type).hasPrefix("text") { current.isText = true }
            if type.isFileType { current.isFile = true }
        }
    }

    private mutating func seeFile(_ string: JSONText) {
        if StoredName.isName(string, isAttachment: role == .attachment) {
            found.add(storedData: role == .attachment ? "file" : "url")
        }
        let count = string.raw.count
        switch Base64Sniffer.content(of: string) {
        case .file, .binary:
            if current.kind == .none { found.add(binaryBytes: count) }
            current.binaryBytes += count
        case .unclear: current.unclearBytes += count
        case .text: break
        }
    }

    /// An open object or array.
    private struct Container {
        enum Kind { case none, object, array }

        let kind: Kind
        let role: MemberRole
        /// Whether it is an element of a list of tools.
        var isTool = false
        /// Whether a tool has been added for its elements.
        var isAdded = false
        /// Whether it has a type.
        var hasType = false
        /// Whether it has a role, such as `user`.
        var hasRole = false
        var hasFunction = false
        var hasID = false
        /// Whether it has more than an id, a type and a state.
        var hasContent = false
        var isPicture = false
        var hasPicture = false
        /// Whether its content is text, not a file.
        var isText = false
        /// Whether it declares its content as an image, audio or another file.
        var isFile = false
        var binaryBytes = 0
        /// The size of base64 that may be text.
        var unclearBytes = 0

        /// Shorter than any picture in base64, but longer than an id. In bytes.
        static let leastPicture = 100
        /// In bytes.
        static let longestMediaType = 128

        /// Whether it chooses the tool to call.
        var isChoice: Bool { kind == .object && role == .choice }

        var fileBytes: Int { isText ? 0 : binaryBytes + (isFile ? unclearBytes : 0) }

        /// Whether it says what tool it is: without a type, only a bare function does.
        var isNamed: Bool { hasType || hasFunction && !hasContent }

        /// Whether it stands for something that the provider has stored under the id.
        var isReference: Bool {
            guard hasID, !isTool, role != .tool else { return false }
            let isUnnamedItem = role == .item && !hasType && !hasRole
            return !hasContent || role.isKnownByID || isUnnamedItem || isPicture && !hasPicture
        }
    }
}
