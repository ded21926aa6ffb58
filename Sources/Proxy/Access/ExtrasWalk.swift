import JSONBytes

/// Looks for extras in the value of a member of the request: at the names of its members, and at what some of them have.
struct ExtrasWalk: JSONVisitor {
    private(set) var found: Extras
    /// Of the value that comes next.
    private var place: Place
    /// What the last tool or stored thing is called.
    private var word: StaticString
    /// The innermost container that is open. Outside of all stands one that is neither.
    private var current = Container(kind: .none, place: .other)
    /// Those around it.
    private var outer: [Container] = []
    /// How many containers are open in what a function is told: it may have members of any name.
    private var depthOfSchema = 0

    init(_ extras: Extras, in place: Place, called word: StaticString) {
        found = extras
        self.place = place
        self.word = word
    }

    mutating func see(key: JSONText) {
        guard depthOfSchema == 0 else { return }
        let name = key.hasEscapes ? LooseName(key.bytes) : LooseName(key.raw)
        place = Place(name, inTool: current.isTool)
        if current.isTool, name.choosesModel { found.addToolModel() }
        if place == .tool { word = ExtraNames.tool(name) ?? word }
        if place == .stored { word = ExtraNames.storedData(name) ?? word }
    }

    mutating func open(isObject: Bool) {
        guard depthOfSchema == 0 else { return depthOfSchema += 1 }
        note()
        guard !place.isOfFunction else {
            if isObject, place == .function { current.hasFunction = true }
            return depthOfSchema = 1
        }
        var container = Container(kind: isObject ? .object : .array, place: place)
        let isElement = current.kind == .array
        if place == .tools, isObject {
            container.isTool = isElement
            if !isElement { found.add(tool: "tools".utf8) }
        }
        if place == .tool, isObject || isElement { found.add(tool: word.utf8Bytes) }
        if place == .type, current.isTool { found.add(tool: []) }
        outer.append(current)
        current = container
    }

    mutating func close() {
        guard depthOfSchema == 0 else { return depthOfSchema -= 1 }
        if current.isReference { found.add(storedData: "id") }
        if current.isTool, !current.isNamed { found.add(tool: []) }
        if !current.isText { found.add(binaryBytes: current.binaryBytes) }
        current = outer.removeLast()
        // What follows in an array stands in the same place.
        if current.kind == .array { place = current.place }
    }

    mutating func see(string: JSONText) {
        guard depthOfSchema == 0 else { return }
        note()
        guard place != .other, !string.raw.isEmpty else { return }
        switch place {
        case .type: seeType(string)
        case .tool: found.add(tool: word.utf8Bytes)
        case .tools: found.add(tool: "tools".utf8)
        case .stored: found.add(storedData: "\(word)")
        case .id: current.hasID = true
        case .mediaType: if string.bytes.starts(with: "text".utf8) { current.isText = true }
        case .result: if string.raw.count >= Container.leastPicture { current.hasPicture = true }
        default: break
        }
        if place.carriesFiles, Base64.isFile(string) {
            if current.kind == .none { found.add(binaryBytes: string.raw.count) }
            current.binaryBytes += string.raw.count
        }
    }

    mutating func see(_ scalar: JSONScalar) {
        guard depthOfSchema == 0 else { return }
        if case .null = scalar, current.kind != .array { return }
        note()
        switch place {
        case .tool, .stored:
            if case .bool(false) = scalar { return }
            if place == .tool { found.add(tool: word.utf8Bytes) } else { found.add(storedData: "\(word)") }
        case .tools: found.add(tool: "tools".utf8)
        case .type: if current.isTool { found.add(tool: []) }
        case .id: current.hasID = true
        default: break
        }
    }
}

extension ExtrasWalk {
    /// The current container has a value that isn't null in this place.
    private mutating func note() {
        switch place {
        case .type: current.hasType = true
        case .id, .state, .mediaType, .function: break
        default: current.hasContent = true
        }
    }

    private mutating func seeType(_ type: JSONText) {
        let name = type.bytes
        guard !current.isTool else {
            if !ExtraNames.callersTools.contains(where: { name.elementsEqual($0.utf8Bytes) }) { found.add(tool: name) }
            return
        }
        switch LooseName(name) {
        case "itemreference": found.add(storedData: "item_reference")
        case "imagegenerationcall": current.isPicture = true
        case "text": current.isText = true
        default: break
        }
    }

    /// An object or an array that is open.
    private struct Container {
        enum Kind { case none, object, array }

        let kind: Kind
        let place: Place
        /// It is an element of a list of tools.
        var isTool = false
        /// It says what it is.
        var hasType = false
        var hasFunction = false
        var hasID = false
        /// It has more than an id and what says of what kind and state it is.
        var hasContent = false
        var isPicture = false
        var hasPicture = false
        /// What it has isn't a file, but the text of one.
        var isText = false
        var binaryBytes = 0

        /// Shorter than any picture in base64, but longer than an id. In bytes.
        static let leastPicture = 100

        /// What has no type is the caller's own if it is a function and nothing else.
        var isNamed: Bool { hasType || hasFunction && !hasContent }

        /// The provider is to take what it has stored under the id.
        var isReference: Bool {
            guard hasID, !isTool, place != .tool else { return false }
            return !hasContent || place.isKnownByID || isPicture && !hasPicture
        }
    }
}
