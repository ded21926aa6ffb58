import JSONBytes

/// How many tokens a response took, as Converse reports it.
struct ConverseUsage {
    /// More than any response has. Sums of such numbers don't overflow.
    private static let largest = 1_000_000_000_000

    private var input: Int?
    private var output: Int?
    private var total: Int?
    private var cacheRead: Int?
    private var cacheWritten: Int?

    /// - Returns: nil if there is none.
    init?(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readObjectIfAny { key, reader throws(JSONError) in
            switch key {
            case "inputTokens": input = try Self.count(&reader)
            case "outputTokens": output = try Self.count(&reader)
            case "totalTokens": total = try Self.count(&reader)
            case "cacheReadInputTokens": cacheRead = try Self.count(&reader)
            case "cacheWriteInputTokens": cacheWritten = try Self.count(&reader)
            default: try reader.skipValue()
            }
        }
        if input == nil, output == nil, total == nil { return nil }
    }

    /// The input is the rest of the total: `inputTokens` includes the cache's tokens for some models, but not for all.
    var chat: ChatUsage {
        let written = output ?? 0
        let rest = total.map { max(0, $0 - written) }
        let whole = rest ?? (input ?? 0) + (cacheRead ?? 0) + (cacheWritten ?? 0)
        return ChatUsage(
            input: whole, output: written, total: whole + written, cacheRead: cacheRead, cacheWritten: cacheWritten)
    }

    private static func count(_ reader: inout JSONReader) throws(JSONError) -> Int? {
        guard try reader.peekKind() == .number else { return try reader.skip() }
        return try reader.readWholeNumber().flatMap { (0...largest).contains($0) ? $0 : nil }
    }
}

enum ConverseTool {
    /// Whether a tool is run by the provider, so that the caller doesn't see its calls.
    /// - Parameter type: a JSON string.
    static func isServerTool(_ type: ArraySlice<UInt8>) -> Bool { type.elementsEqual(#""server_tool_use""#.utf8) }
}

extension FinishReason {
    /// - Parameters:
    ///   - reason: Converse's `stopReason`, a JSON string.
    ///   - hasToolCalls: whether the caller sees a tool call.
    init(converse reason: ArraySlice<UInt8>, hasToolCalls: Bool) {
        switch String(decoding: reason.dropFirst().dropLast(), as: UTF8.self) {
        case "tool_use": self = hasToolCalls ? .toolCalls : .stop
        case "max_tokens", "model_context_window_exceeded": self = .length
        case "content_filtered", "guardrail_intervened", "refusal": self = .contentFilter
        default: self = .stop
        }
    }
}

extension JSONReader {
    /// Reads an object; skips null.
    mutating func readObjectIfAny(
        _ member: (_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        if try peekKind() == .null { try skipValue() } else { try readObject(member) }
    }

    /// Reads a string as it is written.
    /// - Returns: its place in the text, with the quotes; nil if it is null.
    mutating func rawString() throws(JSONError) -> Range<Int>? {
        switch try peekKind() {
        case .string: return try skipValue()
        case .null: return try skip()
        default: throw JSONError(.wrongType, at: position)
        }
    }

    mutating func skip<Value>() throws(JSONError) -> Value? {
        try skipValue()
        return nil
    }
}
