import JSONBytes

/// The tools of a request, and the JSON schema that its response must follow.
struct ConverseTools {
    /// The name of the tool whose arguments are the response; nil if there is none.
    private(set) var schemaTool: String?
    /// The member `outputConfig`.
    private(set) var outputConfig: JSONValue?
    /// Members of `additionalModelRequestFields`.
    private(set) var fields: [(key: String, value: JSONValue)] = []
    private var tools: [JSONValue] = []
    private var names = UniqueNames()
    private var choice: JSONValue?
    /// Whether `tool_choice` is anything but `none`.
    private var mayCall = true

    /// The same as LiteLLM's.
    private static let schemaToolName = "json_tool_call"

    /// - Parameters:
    ///   - usedBefore: the tools that the conversation has calls of. Bedrock demands a description of each, even if the
    ///     request no longer has one.
    ///   - canForce: whether the model can be made to call a tool.
    init(
        _ members: ConverseParameters.Members, _ family: ModelFamily, usedBefore: [String], canForce: Bool
    ) throws(RequestRefusal) {
        try readTools(members["tools"], family)
        for name in usedBefore where names.insert(name) { add(name, nil, Self.emptySchema) }
        try readChoice(members, family)
        // If none may be called, the tools are left out, unless the conversation has calls of them.
        if !mayCall, usedBefore.isEmpty { tools = [] }
        try readFormat(members["response_format"], family, canForce: canForce && family.forcesTools)
        if members["parallel_tool_calls"]?.bool == false, family.isClaude, !tools.isEmpty { callOneOnly() }
    }

    /// The member `toolConfig`.
    var config: JSONValue? {
        guard !tools.isEmpty else { return nil }
        return .object([("tools", .array(tools))] + (choice.map { [("toolChoice", $0)] } ?? []))
    }

    /// A name that Bedrock accepts.
    static func name(_ value: JSONSlice?, at place: String) throws(RequestRefusal) -> String {
        let isPlain = { (byte: UInt8) in
            byte.isLetter || byte.isDigit || "_-".utf8.contains(byte)
        }
        guard let name = value?.string, (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isPlain) else {
            throw .invalid(place, "it must have 1 to 64 letters, digits, underscores and hyphens")
        }
        return name
    }

    private static let emptySchema = JSONValue.object([("type", .string("object")), ("properties", .object([]))])

    private mutating func readTools(_ value: JSONSlice?, _ family: ModelFamily) throws(RequestRefusal) {
        guard let value else { return }
        guard let elements = value.elements else { throw .invalid("tools", "a list is expected") }
        for (index, tool) in elements.enumerated() {
            let place = "tools.\(index)"
            guard tool["type"]?.word == "function", let function = tool["function"] else {
                throw .unsupported("\(place).type", "only tools of the type 'function' are possible")
            }
            let name = try Self.name(function["name"], at: "\(place).function.name")
            guard names.insert(name) else { throw .invalid("\(place).function.name", "another tool has it") }
            let schema = try Self.schema(function["parameters"], at: "\(place).function.parameters")
            let isStrict = family.isStrict && function["strict"]?.bool == true
            add(name, function["description"]?.string, schema, isStrict: isStrict)
            if family.caches {
                tools += ConverseContent.cachePoint(tool["cache_control"] ?? function["cache_control"])
            }
        }
    }

    private mutating func add(_ name: String, _ description: String?, _ schema: JSONValue, isStrict: Bool = false) {
        var tool: [(key: String, value: JSONValue)] = [("name", .string(name))]
        if let description, !description.isBlank { tool.append(("description", .string(description))) }
        tool.append(("inputSchema", .object([("json", schema)])))
        if isStrict { tool.append(("strict", .bool(true))) }
        tools.append(.object([("toolSpec", .object(tool))]))
    }

    /// The schema of a tool's arguments, which Bedrock demands to be an object's.
    private static func schema(_ value: JSONSlice?, at place: String) throws(RequestRefusal) -> JSONValue {
        guard let value else { return emptySchema }
        guard let members = value.members else { throw .invalid(place, "a JSON schema is expected") }
        guard let type = members["type"] else {
            return .object(
                [("type", .string("object"))]
                    + members.filter { !($0.key == "type") }.map { ($0.key.text, .raw($0.value.raw)) })
        }
        guard type.word == "object" else { throw .invalid("\(place).type", "it must be 'object'") }
        return .raw(value.raw)
    }
}

// MARK: - Which tool

extension ConverseTools {
    private mutating func readChoice(
        _ members: ConverseParameters.Members, _ family: ModelFamily
    ) throws(RequestRefusal) {
        guard let value = members["tool_choice"] else { return }
        switch value.word {
        case "auto": if !tools.isEmpty { choice = Self.choice("auto") }
        case "none": mayCall = false
        case "required":
            try demand(family)
            choice = Self.choice("any")
        default:
            guard value["type"]?.word == "function" else {
                throw .invalid("tool_choice", "it must be 'auto', 'none', 'required' or a function")
            }
            let name = try Self.name(value["function"]?["name"], at: "tool_choice.function.name")
            guard names.contains(name) else { throw .invalid("tool_choice.function.name", "no tool has it") }
            try demand(family)
            choice = Self.demand(name)
        }
    }

    private func demand(_ family: ModelFamily) throws(RequestRefusal) {
        guard !tools.isEmpty else { throw .invalid("tool_choice", "there are no 'tools'") }
        guard family.forcesTools else {
            throw .unsupported("tool_choice", "this model decides itself whether it calls a tool; use 'auto'")
        }
    }

    private static func choice(_ name: String) -> JSONValue { .object([(name, .object([]))]) }

    private static func demand(_ name: String) -> JSONValue {
        .object([("tool", .object([("name", .string(name))]))])
    }

    /// Allows one call at a time, which only Claude understands. Bedrock refuses a second `type` beside that of
    /// `toolChoice`.
    private mutating func callOneOnly() {
        let flag: (key: String, value: JSONValue) = ("disable_parallel_tool_use", .bool(true))
        fields = [("tool_choice", .object(choice == nil ? [("type", .string("auto")), flag] : [flag]))]
    }
}

// MARK: - The format of the response

extension ConverseTools {
    private mutating func readFormat(
        _ format: JSONSlice?, _ family: ModelFamily, canForce: Bool
    ) throws(RequestRefusal) {
        guard let format else { return }
        switch format["type"]?.word {
        // Converse has no mode for any JSON. OpenAI requires the prompt to ask for it anyway.
        case "text", "json_object": return
        case "json_schema": break
        default: throw .invalid("response_format.type", "it must be 'text', 'json_object' or 'json_schema'")
        }
        let place = "response_format.json_schema"
        let specification = format["json_schema"]
        guard let schema = specification?["schema"], schema.kind == .object else {
            throw .invalid("\(place).schema", "a JSON schema is expected")
        }
        switch family.schema {
        case .native: outputConfig = Self.outputConfig(schema, specification)
        case .tool: try addSchemaTool(schema, specification, place, canForce: canForce)
        }
    }

    private static func outputConfig(_ schema: JSONSlice, _ specification: JSONSlice?) -> JSONValue {
        let text = String(decoding: StrictSchema.text(of: schema), as: UTF8.self)
        var json: [(key: String, value: JSONValue)] = [("schema", .string(text))]
        for key in ["name", "description"] as [StaticString] {
            if let text = specification?[key]?.string, !text.isBlank { json.append(("\(key)", .string(text))) }
        }
        let structure = JSONValue.object([("jsonSchema", .object(json))])
        return .object([("textFormat", .object([("type", .string("json_schema")), ("structure", structure)]))])
    }

    private mutating func addSchemaTool(
        _ schema: JSONSlice, _ specification: JSONSlice?, _ place: String, canForce: Bool
    ) throws(RequestRefusal) {
        let name = Self.schemaToolName
        guard names.insert(name) else {
            throw .invalid("tools", "'\(name)' is reserved where a JSON schema is given")
        }
        let advice = "Call this tool to respond to the user. Its arguments are the response."
        let own = specification?["description"]?.string.map { " \($0)" } ?? ""
        add(name, advice + own, try Self.schema(schema, at: "\(place).schema"))
        schemaTool = name
        guard canForce else { return }
        // With tools of the caller's own, the model chooses between them and the response, unless the caller has chosen.
        if case .object(let members)? = choice, members.first?.key == "tool" { return }
        choice = names.list.count > 1 && mayCall ? Self.choice("any") : Self.demand(name)
    }
}
