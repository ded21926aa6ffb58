import JSONBytes

/// How much a model thinks, as members of `additionalModelRequestFields` for its family.
struct ReasoningFields {
    private(set) var fields: [(key: String, value: JSONValue)] = []
    /// Whether Claude thinks, which changes what else it takes.
    private(set) var isThinking = false

    /// The smallest budget that Claude accepts, in tokens.
    private static let least = 1024
    /// The budget for each `reasoning_effort`, in tokens.
    private static let budgets = [
        "minimal": least, "low": least, "medium": 2048, "high": 4096, "xhigh": 8192, "max": 16_384,
    ]

    /// - Parameter canThink: whether the conversation lets Claude think, see `ConverseMessages`.
    init(
        _ members: ConverseParameters.Members, _ family: ModelFamily, canThink: Bool
    ) throws(RequestRefusal) {
        try read(members, family)
        // Claude can't be made to call a tool while it thinks. The demand takes precedence, because it is explicit.
        let choice = members["tool_choice"]
        let demandsTool = choice?.word == "required" || choice?.kind == .object
        if family.isClaude, demandsTool || !canThink { (fields, isThinking) = ([], false) }
    }

    private mutating func read(
        _ members: ConverseParameters.Members, _ family: ModelFamily
    ) throws(RequestRefusal) {
        if let thinking = members["thinking"] {
            guard let type = thinking["type"], type.kind == .string else {
                throw .invalid("thinking", "an object with a 'type' is expected")
            }
            guard family.isClaude else { return }
            fields = [("thinking", .raw(thinking.raw))]
            isThinking = type.word != "disabled"
            guard family.reasoning == .adaptive, isThinking else { return }
        }
        guard let effort = members["reasoning_effort"] else { return }
        guard let effort = effort.word, effort == "none" || Self.budgets[effort] != nil else {
            throw .invalid(
                "reasoning_effort", "it must be 'none', 'minimal', 'low', 'medium', 'high', 'xhigh' or 'max'")
        }
        set(effort, family, try ConverseParameters.maximum(members))
    }

    private mutating func set(_ effort: String, _ family: ModelFamily, _ maximum: Int?) {
        let level = effort == "minimal" ? "low" : effort
        let isHighest = level == "xhigh" || level == "max"
        switch family.reasoning {
        case .none: break
        case .effort: fields = [("reasoning_effort", .string(effort))]
        case .effortObject: fields = [("reasoning", .object([("effort", .string(effort))]))]
        case .nova where effort == "none", .budget where effort == "none", .adaptive where effort == "none": break
        case .nova:
            let most = JSONValue.string(isHighest ? "high" : level)
            fields = [("reasoningConfig", .object([("type", .string("enabled")), ("maxReasoningEffort", most)]))]
        case .adaptive:
            let most = JSONValue.string(isHighest && !family.hasHighestEfforts ? "high" : level)
            if fields.isEmpty { fields = [("thinking", .object([("type", .string("adaptive"))]))] }
            fields.append(("output_config", .object([("effort", most)])))
            isThinking = true
        case .budget:
            // The budget is part of the maximum, and a smaller one isn't accepted.
            let budget = min(Self.budgets[effort] ?? Self.least, maximum.map { $0 - 1 } ?? .max)
            guard fields.isEmpty, budget >= Self.least else { return }
            fields = [("thinking", .object([("type", .string("enabled")), ("budget_tokens", .integer(budget))]))]
            isThinking = true
        }
    }
}
