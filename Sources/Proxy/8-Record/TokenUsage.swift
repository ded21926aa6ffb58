import JSONBytes

/// How many tokens a response took.
struct TokenUsage: Equatable, Sendable {
    /// Those of the request, including cached ones.
    var input: Int
    var output: Int
    /// Those of the input that the provider read from its cache; at most `input`.
    var cachedInput: Int
    /// Whether it is an estimate, because the provider hasn't reported it.
    var isEstimate: Bool

    /// Updates it with a later report. Values that are missing there, or 0, stay as they were.
    mutating func update(with later: TokenUsage) {
        if later.input > 0 { input = later.input }
        if later.output > 0 { output = later.output }
        if later.cachedInput > 0 { cachedInput = later.cachedInput }
        cachedInput = min(cachedInput, input)
    }

    /// Adds the usage of another response.
    mutating func add(_ other: TokenUsage) {
        input += other.input
        output += other.output
        cachedInput += other.cachedInput
    }

    /// In dollars.
    func cost(at price: Price) -> Double {
        let cached = min(cachedInput, input)
        return Double(input - cached) * price.input + Double(cached) * (price.cachedInput ?? price.input)
            + Double(output) * price.output
    }
}

/// Reads how many tokens a provider has counted. docs/usage.md lists the known forms and the providers that use them.
struct UsageReader {
    /// More than anybody can send; sums and products of such numbers don't overflow.
    private static let largest = 1_000_000_000_000

    /// Longer than any usage object. In bytes.
    static let longest = 4 * 1024

    /// `prompt_tokens`, as in chat completions.
    private var prompt: Int?
    /// `input_tokens`, as in the Responses API and in Anthropic's.
    private var input: Int?
    private var output: Int?
    private var total: Int?
    /// The cached tokens of the prompt, and DeepSeek's number of those that weren't cached.
    private var cached: Int?
    private var missed: Int?
    /// Anthropic's tokens that were read from the cache and written to it, which `input_tokens` doesn't include.
    private var cacheRead: Int?
    private var cacheWritten: Int?
    /// Reasoning tokens, which most providers include in the output.
    private var reasoning: Int?

    /// - Parameter text: begins with the object; what follows that isn't read.
    /// - Returns: nil if it is cut off or has no token counts.
    static func usage(in text: [UInt8]) -> TokenUsage? {
        var members = UsageReader()
        do throws(JSONError) {
            var reader = JSONReader(text, allowsNonFinite: true)
            try members.read(&reader)
        } catch {
            return nil
        }
        return members.usage
    }
}

// MARK: - Combining the members

extension UsageReader {
    private var usage: TokenUsage? {
        let written = output ?? 0
        let whole: Int
        if let base {
            whole = base + besides(base, written)
        } else {
            guard output != nil || total != nil || cached != nil || cacheRead != nil else { return nil }
            whole = max((total ?? 0) - written, cached ?? 0, (cacheRead ?? 0) + (cacheWritten ?? 0))
        }
        // Gemini and Grok count reasoning only in the total. Without a total, more reasoning than output shows that it
        // isn't included.
        let separate = total == nil && reasoning ?? 0 > written ? reasoning ?? 0 : 0
        let output = max(written + separate, (total ?? 0) - whole)
        return TokenUsage(
            input: whole, output: output, cachedInput: min(max(cached ?? 0, cacheRead ?? 0), whole), isEstimate: false)
    }

    /// The number of input tokens as reported; nil if it isn't reported.
    private var base: Int? {
        let sum = missed.map { $0 + (cached ?? 0) }
        return [prompt, input, sum].compactMap { $0 }.max()
    }

    /// The input tokens that the reported number doesn't include: the rest of the total, with or without reasoning, if
    /// that equals one of the cache's numbers; the cache's number, if it is larger than the reported one; with
    /// Anthropic's names always the cache's number, unless a total contradicts it.
    private func besides(_ base: Int, _ written: Int) -> Int {
        let (read, both) = (cacheRead ?? 0, (cacheRead ?? 0) + (cacheWritten ?? 0))
        let rest = (total ?? 0) - base - written
        for rest in [rest, rest - (reasoning ?? 0)] where rest > 0 {
            if [both, read, cacheWritten, cached].contains(rest) { return rest }
        }
        if max(both, cached ?? 0) > base { return max(both, cached ?? 0) }
        let isAnthropic = prompt ?? 0 == 0 && missed == nil
        return isAnthropic && (total == nil || rest < 0) ? both : 0
    }
}

// MARK: - Reading

extension UsageReader {
    private mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "prompt_tokens", "promptTokens": try Self.read(&reader, into: &prompt)
            case "input_tokens", "inputTokens": try Self.read(&reader, into: &input)
            case "completion_tokens", "output_tokens", "completionTokens", "outputTokens":
                try Self.read(&reader, into: &output)
            case "total_tokens", "totalTokens": try Self.read(&reader, into: &total)
            case "cached_tokens", "prompt_cache_hit_tokens": try Self.read(&reader, into: &cached)
            case "prompt_cache_miss_tokens": try Self.read(&reader, into: &missed)
            case "cache_read_input_tokens": try Self.read(&reader, into: &cacheRead)
            case "cache_creation_input_tokens": try Self.read(&reader, into: &cacheWritten)
            case "prompt_tokens_details", "input_tokens_details", "completion_tokens_details", "output_tokens_details":
                try readDetails(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readDetails(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "cached_tokens": try Self.read(&reader, into: &cached)
            case "reasoning_tokens": try Self.read(&reader, into: &reasoning)
            default: try reader.skipValue()
            }
        }
    }

    /// Ignores what can't be a number of tokens. The largest of several numbers counts, so that a 0 in one place
    /// doesn't hide the number in another.
    private static func read(_ reader: inout JSONReader, into count: inout Int?) throws(JSONError) {
        guard try reader.peekKind() == .number else { return try _ = reader.skipValue() }
        guard let number = try reader.readWholeNumber(), (0...largest).contains(number) else { return }
        count = max(count ?? 0, number)
    }
}
