import JSONBytes

/// The parameters of a request besides its messages and tools.
struct ConverseParameters {
    /// The members of the request.
    private(set) var parts: [(key: String, value: JSONValue?)] = []

    typealias Members = [(key: JSONKey, value: JSONSlice)]

    init(
        _ members: Members, _ family: ModelFamily, _ reasoning: ReasoningFields, _ tools: ConverseTools
    ) throws(RequestRefusal) {
        parts = [
            ("inferenceConfig", try Self.inference(members, family, isThinking: reasoning.isThinking)),
            ("additionalModelRequestFields", try Self.additional(members, reasoning, tools)),
            ("outputConfig", tools.outputConfig),
            ("serviceTier", try Self.tier(members)),
            ("requestMetadata", Self.metadata(members)),
        ]
    }

    /// The limit of the response, in tokens.
    static func maximum(_ members: Members) throws(RequestRefusal) -> Int? {
        for (name, value) in [
            ("max_completion_tokens", members["max_completion_tokens"]), ("max_tokens", members["max_tokens"]),
        ] {
            guard let value else { continue }
            guard let number = value.integer, number > 0 else {
                throw .invalid(name, "a positive whole number is expected")
            }
            return number
        }
        return nil
    }

    private static func inference(
        _ members: Members, _ family: ModelFamily, isThinking: Bool
    ) throws(RequestRefusal) -> JSONValue? {
        var config: [(key: String, value: JSONValue)] = []
        if let maximum = try maximum(members) { config.append(("maxTokens", .integer(maximum))) }
        let temperature = try number("temperature", members["temperature"])
        let topP = try number("top_p", members["top_p"])
        // Claude refuses other temperatures while it thinks; newer models refuse both, or the two together.
        if family.sampling != .none, !(isThinking && family.isClaude) {
            if let temperature { config.append(("temperature", temperature)) }
            if let topP, family.sampling == .both || temperature == nil { config.append(("topP", topP)) }
        }
        let stops = try stops(members["stop"])
        if !stops.isEmpty { config.append(("stopSequences", .array(stops.map { .string($0) }))) }
        return config.isEmpty ? nil : .object(config)
    }

    private static func number(_ name: String, _ value: JSONSlice?) throws(RequestRefusal) -> JSONValue? {
        guard let value else { return nil }
        guard value.kind == .number else { throw .invalid(name, "a number is expected") }
        return .raw(value.raw)
    }

    private static func stops(_ value: JSONSlice?) throws(RequestRefusal) -> [String] {
        guard let value else { return [] }
        let stops = value.string.map { [$0] } ?? value.elements?.compactMap(\.string)
        guard let stops, value.elements.map({ $0.count == stops.count }) ?? true else {
            throw .invalid("stop", "a string or a list of strings is expected")
        }
        return stops.filter { !$0.isEmpty }
    }

    private static func tier(_ members: Members) throws(RequestRefusal) -> JSONValue? {
        guard let tier = members["service_tier"], tier.word != "auto" else { return nil }
        guard let name = tier.word, ["default", "flex", "priority", "reserved"].contains(name) else {
            throw .invalid("service_tier", "it must be 'auto', 'default', 'flex', 'priority' or 'reserved'")
        }
        return .object([("type", .string(name))])
    }

    /// The metadata, or nil unless Bedrock accepts all of it: clients send metadata for OpenAI's stored completions.
    private static func metadata(_ members: Members) -> JSONValue? {
        guard let pairs = members["metadata"]?.members, (1...16).contains(pairs.count) else { return nil }
        var metadata: [(key: String, value: JSONValue)] = []
        for (key, value) in pairs {
            guard let text = value.string, isPlain(key.text), isPlain(text), !key.bytes.isEmpty else { return nil }
            metadata.append((key.text, .string(text)))
        }
        return .object(metadata)
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= 256
            && text.utf8.allSatisfy { byte in
                byte.isLetter || byte.isDigit
                    || " :_@$#=/+,-.".utf8.contains(byte)
            }
    }

    /// The caller's own fields for the model, which take precedence, and those that the proxy adds.
    private static func additional(
        _ members: Members, _ reasoning: ReasoningFields, _ tools: ConverseTools
    ) throws(RequestRefusal) -> JSONValue? {
        var own: Members = []
        if let value = members["additional_model_request_fields"] {
            guard let members = value.members else {
                throw .invalid("additional_model_request_fields", "an object is expected")
            }
            own = members
        }
        let added = (reasoning.fields + tools.fields).filter { field in
            !own.contains { $0.key.bytes.elementsEqual(field.key.utf8) }
        }
        let fields = own.map { ($0.key.text, JSONValue.raw($0.value.raw)) } + added
        return fields.isEmpty ? nil : .object(fields)
    }
}

// MARK: - What Converse doesn't have

extension ConverseParameters {
    /// Refuses parameters that would change the response in a way that Converse can't. Default values are accepted,
    /// because many clients send them.
    static func refuseUnsupported(_ members: Members) throws(RequestRefusal) {
        if let n = members["n"], n.integer != 1 { throw .unsupported("n", "only 1 is possible") }
        for name in ["functions", "function_call"] as [StaticString] where members[name] != nil {
            throw .unsupported("\(name)", "use 'tools' and 'tool_choice'")
        }
        for name in ["audio", "moderation", "prediction", "web_search_options"] as [StaticString]
        where members[name] != nil {
            throw .unsupported("\(name)", "remove it")
        }
        if let logprobs = members["logprobs"], logprobs.bool != false { throw .unsupported("logprobs", "remove it") }
        for name in ["top_logprobs", "frequency_penalty", "presence_penalty"] as [StaticString] {
            if let value = members[name], value.double != 0 { throw .unsupported("\(name)", "remove it") }
        }
        if let bias = members["logit_bias"], bias.members?.isEmpty != true {
            throw .unsupported("logit_bias", "remove it")
        }
        if let modalities = members["modalities"],
            modalities.elements?.contains(where: { $0.word != "text" }) != false
        {
            throw .unsupported("modalities", "only [\"text\"] is possible")
        }
    }
}
