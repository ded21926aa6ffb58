/// What a family of models accepts on Converse. Compiled from AWS's model pages and the `supports_…` flags in the price map
/// of LiteLLM 1.110. New models appear every month, so a family that isn't listed gets what most models accept.
struct ModelFamily: Sendable {
    /// How `reasoning_effort` is written in `additionalModelRequestFields`.
    enum Reasoning: Sendable {
        /// Not at all: the model doesn't reason, or always does.
        case none
        /// Claude up to 4.5: `thinking` with a budget of tokens.
        case budget
        /// Claude from 4.6 on: adaptive `thinking`, with an effort in `output_config`.
        case adaptive
        /// Nova 2: `reasoningConfig`.
        case nova
        /// gpt-oss, DeepSeek V3 and others: `reasoning_effort`, as OpenAI has it.
        case effort
        /// GPT-5 and later: `reasoning.effort`.
        case effortObject
    }

    /// Which of `temperature` and `top_p` are sent.
    enum Sampling: Sendable { case both, one, none }

    /// How a JSON schema for the response is followed.
    enum Schema: Sendable {
        /// `outputConfig`.
        case native
        /// As a tool whose arguments are the response.
        case tool
    }

    /// What the id contains, behind any prefix of a region.
    let id: StaticString
    var reasoning = Reasoning.none
    var sampling = Sampling.both
    var schema = Schema.tool
    /// Whether a tool call can be demanded.
    var forcesTools = true
    /// Whether a prompt can have cache points.
    var caches = false
    /// Whether `strict` of a tool is understood.
    var isStrict = false
    /// Whether there can be a system prompt.
    var hasSystem = true
    /// Whether the efforts `xhigh` and `max` exist.
    var hasHighestEfforts = false

    var isClaude: Bool { "\(id)".hasPrefix("anthropic.") }

    /// The family of a model id, an inference profile's id or an ARN.
    init(of model: String) { self = Self.all.first { model.utf8.contains($0.id) } ?? Self.other }

    private init(
        _ id: StaticString, _ reasoning: Reasoning = .none, _ sampling: Sampling = .both, _ schema: Schema = .tool,
        forcesTools: Bool = true, caches: Bool = false, isStrict: Bool = false, hasSystem: Bool = true,
        hasHighestEfforts: Bool = false
    ) {
        (self.id, self.reasoning, self.sampling, self.schema) = (id, reasoning, sampling, schema)
        (self.forcesTools, self.caches, self.isStrict) = (forcesTools, caches, isStrict)
        (self.hasSystem, self.hasHighestEfforts) = (hasSystem, hasHighestEfforts)
    }

    private static let other = ModelFamily("", caches: true)

    /// The first whose id matches is used, so exceptions come before their family.
    static let all = [
        ModelFamily("anthropic.claude-3-7", .budget, caches: true),
        ModelFamily("anthropic.claude-3-5-sonnet-20240620"),
        ModelFamily("anthropic.claude-3-5", caches: true),
        ModelFamily("anthropic.claude-3-"),
        ModelFamily("anthropic.claude-v2", forcesTools: false),
        ModelFamily("anthropic.claude-instant", forcesTools: false),
        ModelFamily("anthropic.claude-opus-4-5", .budget, .one, .native, caches: true, isStrict: true),
        ModelFamily("anthropic.claude-sonnet-4-5", .budget, .one, .native, caches: true, isStrict: true),
        ModelFamily("anthropic.claude-haiku-4-5", .budget, .one, .native, caches: true, isStrict: true),
        ModelFamily(
            "anthropic.claude-opus-4-6", .adaptive, .one, .native, caches: true, isStrict: true, hasHighestEfforts: true
        ),
        ModelFamily(
            "anthropic.claude-sonnet-4-6", .adaptive, .one, .native, caches: true, isStrict: true,
            hasHighestEfforts: true),
        ModelFamily("anthropic.claude-opus-4-7", .adaptive, .none, caches: true, hasHighestEfforts: true),
        ModelFamily("anthropic.claude-opus-4-8", .adaptive, .none, caches: true, hasHighestEfforts: true),
        ModelFamily("anthropic.claude-opus-4-1", .budget, .one, caches: true),
        ModelFamily("anthropic.claude-opus-4-2", .budget, caches: true),
        ModelFamily("anthropic.claude-sonnet-4-2", .budget, caches: true),
        ModelFamily(
            "anthropic.claude-mythos-5", .adaptive, .none, .native, caches: true, isStrict: true,
            hasHighestEfforts: true),
        ModelFamily("anthropic.claude-haiku-5", .adaptive, .none, caches: true, hasHighestEfforts: true),
        ModelFamily(
            "anthropic.claude-opus-5-", .adaptive, .none, forcesTools: false, caches: true, hasHighestEfforts: true),
        ModelFamily(
            "anthropic.claude-sonnet-5-", .adaptive, .none, forcesTools: false, caches: true, hasHighestEfforts: true),
        ModelFamily(
            "anthropic.claude-fable-5-", .adaptive, .none, forcesTools: false, caches: true, hasHighestEfforts: true),
        ModelFamily("anthropic.claude-", .adaptive, .none, caches: true, hasHighestEfforts: true),
        ModelFamily("amazon.nova-2", .nova, caches: true),
        ModelFamily("amazon.nova", caches: true),
        ModelFamily("amazon.titan-text", forcesTools: false, hasSystem: false),
        ModelFamily("openai.gpt-oss", .effort),
        ModelFamily("openai.gpt", .effortObject, .none, caches: true),
        ModelFamily("xai.grok", .effortObject, caches: true),
        ModelFamily("deepseek.r1", forcesTools: false),
        ModelFamily("deepseek.", .effort, .both, .native),
        ModelFamily("meta.llama", forcesTools: false),
        ModelFamily("mistral.mistral-7b", forcesTools: false, hasSystem: false),
        ModelFamily("mistral.mixtral", forcesTools: false, hasSystem: false),
        ModelFamily("mistral.pixtral", forcesTools: false),
        ModelFamily("mistral.ministral-3", .none, .both, .native),
        ModelFamily("mistral.mistral-large-3", .none, .both, .native),
        ModelFamily("mistral.voxtral", .none, .both, .native),
        ModelFamily("qwen.qwen3-coder-next"),
        ModelFamily("qwen.", .none, .both, .native),
        ModelFamily("minimax.minimax-m2.", caches: false),
        ModelFamily("minimax.minimax-m2", .none, .both, .native),
        ModelFamily("moonshot.kimi-k2-thinking", .none, .both, .native),
        ModelFamily("moonshotai.kimi-k3", .effort, caches: true),
        ModelFamily("nvidia.nemotron-nano-3", .none, .both, .native),
        ModelFamily("zai.glm-5", .none, .both, .native),
        ModelFamily("cohere.command-text", forcesTools: false, hasSystem: false),
        ModelFamily("cohere.command-light", forcesTools: false, hasSystem: false),
        ModelFamily("ai21.", forcesTools: false),
    ]
}

extension Substring.UTF8View {
    fileprivate func starts(with text: StaticString) -> Bool {
        starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension String.UTF8View {
    fileprivate func contains(_ text: StaticString) -> Bool {
        indices.contains { self[$0...].starts(with: text) }
    }
}
