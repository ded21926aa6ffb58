import JSONBytes

/// The messages of a conversation in the order that Converse demands: the system prompt separate, user and assistant
/// turns alternating, tool results before the user's next text, and no blank text.
struct ConverseMessages {
    private let family: ModelFamily
    private var system: [JSONValue] = []
    private var turns: [Turn] = []
    private var content = ConverseContent()
    /// The tool calls of the last assistant message, and whether they have a result, by their ids on Bedrock.
    private var calls: [ToolCall] = []
    private var isAnswered: [String: Bool] = [:]
    /// The names of the tools that were called.
    private var names = UniqueNames()
    /// Whether the model may think in the next turn: Claude demands that a turn with tool calls begins with its signed
    /// thinking.
    private(set) var canThink = true

    private struct Turn {
        let isUser: Bool
        /// What the turn must begin with: tool results, or the model's thinking.
        var first: [JSONValue] = []
        var blocks: [JSONValue] = []

        var json: JSONValue {
            .object([("role", .string(isUser ? "user" : "assistant")), ("content", .array(first + blocks))])
        }
    }

    private struct ToolCall {
        let id: String
        let place: String
    }

    init(_ family: ModelFamily) { self.family = family }

    /// The members of the request.
    var parts: [(key: String, value: JSONValue?)] {
        [
            ("messages", .array(turns.map(\.json))),
            ("system", system.isEmpty ? nil : .array(system)),
        ]
    }

    /// The names of the tools that were called, each once.
    var toolNames: [String] { names.list }

    mutating func read(_ messages: JSONSlice?) throws(RequestRefusal) {
        guard let messages = messages?.elements else { throw .invalid("messages", "a list of messages is expected") }
        for (index, message) in messages.enumerated() { try read(message, at: "messages.\(index)") }
        try closeCalls()
        guard let first = turns.first else { throw .invalid("messages", "a message with content is expected") }
        guard first.isUser else {
            throw .invalid("messages", "the conversation must begin with a message of the user on Amazon Bedrock")
        }
        trimEnd()
    }

    private mutating func read(_ message: JSONSlice, at place: String) throws(RequestRefusal) {
        guard let members = message.members else { throw .invalid(place, "an object is expected") }
        switch members["role"]?.word {
        case "system", "developer": try readSystem(members, place)
        case "user":
            let blocks = try content.user(members["content"], at: "\(place).content", caches: family.caches)
            add(cached(blocks, members), isUser: true)
        case "assistant": try readAssistant(members, place)
        case "tool": try readResult(members, place)
        case "function": throw .unsupported("\(place).role", "use the role 'tool'")
        default:
            throw .invalid("\(place).role", "it must be 'system', 'developer', 'user', 'assistant' or 'tool'")
        }
    }

    private mutating func readSystem(
        _ members: ConverseParameters.Members, _ place: String
    ) throws(RequestRefusal) {
        let blocks = try content.texts(members["content"], at: "\(place).content", caches: family.caches)
        let all = cached(blocks, members)
        if family.hasSystem { system += all } else { add(all, isUser: true) }
    }

    private mutating func readAssistant(
        _ members: ConverseParameters.Members, _ place: String
    ) throws(RequestRefusal) {
        try closeCalls()
        for name in ["function_call", "audio"] as [StaticString] where members[name] != nil {
            throw .unsupported("\(place).\(name)", "use 'tool_calls' or text")
        }
        let thinking = ThinkingBlocks(members)
        var blocks = try content.texts(members["content"], at: "\(place).content", caches: family.caches)
        if let refusal = members["refusal"]?.string, !refusal.isBlank { blocks.append(ConverseContent.text(refusal)) }
        let calls = try readCalls(members["tool_calls"], "\(place).tool_calls")
        canThink = calls.isEmpty || !thinking.blocks.isEmpty
        blocks += calls
        // A turn can't end with what the model thought.
        guard !blocks.isEmpty else { return }
        add(cached(blocks, members), after: thinking.blocks, isUser: false)
    }

    private mutating func readCalls(_ calls: JSONSlice?, _ place: String) throws(RequestRefusal) -> [JSONValue] {
        guard let calls else { return [] }
        guard let elements = calls.elements else { throw .invalid(place, "a list is expected") }
        var blocks: [JSONValue] = []
        for (index, call) in elements.enumerated() {
            let place = "\(place).\(index)"
            guard call["type"].map({ $0.word == "function" }) ?? true, let function = call["function"] else {
                throw .unsupported(place, "only calls of the type 'function' are possible")
            }
            let name = try ConverseTools.name(function["name"], at: "\(place).function.name")
            guard let id = call["id"]?.string, !id.isEmpty else { throw .invalid("\(place).id", "a text is expected") }
            let call = ToolCall(id: ToolID.accepted(id), place: place)
            guard isAnswered.updateValue(false, forKey: call.id) == nil else {
                throw .invalid("\(place).id", "another call has it")
            }
            self.calls.append(call)
            _ = names.insert(name)
            let input = try Self.arguments(function["arguments"], at: "\(place).function.arguments")
            let use: [(key: String, value: JSONValue)] = [
                ("toolUseId", .string(call.id)), ("name", .string(name)), ("input", input),
            ]
            blocks.append(.object([("toolUse", .object(use))]))
        }
        return blocks
    }

    /// A JSON object in a string.
    private static func arguments(_ value: JSONSlice?, at place: String) throws(RequestRefusal) -> JSONValue {
        let text = value?.string ?? ""
        guard !text.isBlank else { return .object([]) }
        guard let arguments = try? JSONSlice(Array(text.utf8)), arguments.kind == .object else {
            throw .invalid(place, "it must be a JSON object in a string")
        }
        return .raw(arguments.raw)
    }

    private mutating func readResult(
        _ members: ConverseParameters.Members, _ place: String
    ) throws(RequestRefusal) {
        let id = ToolID.accepted(members["tool_call_id"]?.string ?? "")
        guard let hasResult = isAnswered.updateValue(true, forKey: id) else {
            throw .invalid("\(place).tool_call_id", "the assistant's last message has no tool call with this id")
        }
        // A second result of the same call is left out, as in other gateways.
        if hasResult { return }
        let content = try content.result(members["content"], at: "\(place).content")
        let result = JSONValue.object([
            ("toolResult", .object([("toolUseId", .string(id)), ("content", .array(content))]))
        ])
        add([], after: [result] + cachePoint(members), isUser: true)
    }

    /// Refuses tool calls without a result, which must be in the next turn.
    private mutating func closeCalls() throws(RequestRefusal) {
        if let call = calls.first(where: { isAnswered[$0.id] == false }) {
            throw .invalid(call.place, "a message of the role 'tool' with the result of this call must follow")
        }
        (calls, isAnswered) = ([], [:])
    }

    /// Adds to the last turn if it has the same role, else begins a turn.
    /// - Parameter first: what must stand at the beginning of the turn.
    private mutating func add(_ blocks: [JSONValue], after first: [JSONValue] = [], isUser: Bool) {
        guard !blocks.isEmpty || !first.isEmpty else { return }
        if turns.last?.isUser != isUser { turns.append(Turn(isUser: isUser)) }
        turns[turns.count - 1].first += first
        turns[turns.count - 1].blocks += blocks
    }

    /// Adds the cache point of the whole message, unless there is nothing to cache or its last part has one.
    private func cached(_ blocks: [JSONValue], _ members: ConverseParameters.Members) -> [JSONValue] {
        guard let last = blocks.last, !last.isCachePoint else { return blocks }
        return blocks + cachePoint(members)
    }

    /// A message's own `cache_control`.
    private func cachePoint(_ members: ConverseParameters.Members) -> [JSONValue] {
        family.caches ? ConverseContent.cachePoint(members["cache_control"]) : []
    }

    /// Claude refuses white space at the end of a text that it is to continue.
    private mutating func trimEnd() {
        guard let last = turns.last, !last.isUser, let index = last.blocks.lastIndex(where: { !$0.isCachePoint }),
            case .object(let members) = last.blocks[index], members.first?.key == "text",
            case .string(let text)? = members.first?.value
        else { return }
        turns[turns.count - 1].blocks[index] = ConverseContent.text(text.withoutTrailingWhiteSpace)
    }
}

/// The model's thinking in an earlier turn, as far as its provider has signed it.
struct ThinkingBlocks {
    private(set) var blocks: [JSONValue] = []

    /// Reads `thinking_blocks`. Clients that only collect the deltas of a stream send a block in several pieces, of which
    /// the last has the signature. What isn't signed is left out, because Bedrock would refuse it.
    init(_ members: ConverseParameters.Members) {
        var text = ""
        var index: Int?
        // A block without a text gets this one; only one of them, or the request would grow with each.
        var spare = members["reasoning_content"]?.string
        for block in members["thinking_blocks"]?.elements ?? [] {
            if let data = block["data"]?.string, !data.isEmpty, block["type"]?.word == "redacted_thinking" {
                add([("redactedContent", .string(data))])
                continue
            }
            // The pieces of a block have its index, as they were streamed.
            let own = block["index"]?.integer
            if own != index { text = "" }
            index = own
            text += block["thinking"]?.string ?? ""
            guard let signature = block["signature"]?.string, !signature.isEmpty else { continue }
            let words = text.isEmpty ? spare ?? "" : text
            spare = nil
            let signed: JSONValue = .object([("text", .string(words)), ("signature", .string(signature))])
            add([("reasoningText", signed)])
            text = ""
        }
    }

    private mutating func add(_ content: [(key: String, value: JSONValue)]) {
        blocks.append(.object([("reasoningContent", .object(content))]))
    }
}
