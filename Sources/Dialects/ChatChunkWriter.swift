import JSONBytes

/// Writes the chunks of OpenAI's streamed chat completions. What all chunks of a stream begin and end with is prepared
/// once.
struct ChatChunkWriter {
    static let done = Array("data: [DONE]\n\n".utf8)

    private let head: [UInt8]
    private let tail: [UInt8]
    private let includesUsage: Bool

    init(_ context: ChatContext) {
        head = Array("data: ".utf8) + context.beginning(of: "chat.completion.chunk") + Array(#","choices":["#.utf8)
        includesUsage = context.includesUsage
        tail = Array((context.includesUsage ? #"}],"usage":null}"# : "}]}").utf8) + [0x0A, 0x0A]
    }

    /// - Parameter members: writes the members of the delta.
    func write(
        to output: inout [UInt8], finishReason: FinishReason? = nil, _ members: (inout [UInt8]) -> Void = { _ in }
    ) {
        output += head
        output.append(#"{"index":0,"delta":{"#)
        members(&output)
        output.append(#"},"finish_reason":"#)
        if let finishReason { output.append(quoted: finishReason.rawValue.utf8) } else { output.append("null") }
        output += tail
    }

    /// Writes the chunk without choices that ends a stream, if the request asked for it.
    func write(_ usage: ChatUsage, to output: inout [UInt8]) {
        guard includesUsage else { return }
        output += head
        output.append(#"],"usage":"#)
        output += usage.json
        output.append("}\n\n")
    }
}

/// Why a model has stopped, in OpenAI's words.
enum FinishReason: String {
    case stop, length
    case toolCalls = "tool_calls"
    case contentFilter = "content_filter"
}

/// The tokens of a response as OpenAI counts them.
struct ChatUsage: Equatable {
    /// Including those that were read from a cache or written to it.
    var input: Int
    var output: Int
    var total: Int
    var cacheRead: Int?
    var cacheWritten: Int?

    var json: [UInt8] {
        var object = JSONObjectWriter(capacity: 200)
        object.add("prompt_tokens", input)
        object.add("completion_tokens", output)
        object.add("total_tokens", total)
        if cacheRead != nil || cacheWritten != nil {
            var details = JSONObjectWriter(capacity: 80)
            if let cacheRead { details.add("cached_tokens", cacheRead) }
            if let cacheWritten { details.add("cache_write_tokens", cacheWritten) }
            details.end()
            object.add("prompt_tokens_details", json: details.bytes)
        }
        object.end()
        return object.bytes
    }
}

extension ChatContext {
    /// The members that all objects of a response begin with, without the closing brace.
    /// - Parameter object: OpenAI's name for the kind of object.
    func beginning(of object: String) -> [UInt8] {
        var writer = JSONObjectWriter(capacity: 256)
        writer.add("id", id)
        writer.add("object", object)
        writer.add("created", Int(created))
        writer.add("model", model)
        return writer.bytes
    }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) { append(contentsOf: text.utf8Bytes) }

    /// Appends a JSON string.
    /// - Parameter text: must not contain anything that needs an escape.
    mutating func append(quoted text: some Sequence<UInt8>) {
        append(UInt8(ascii: "\""))
        append(contentsOf: text)
        append(UInt8(ascii: "\""))
    }

    mutating func append(_ number: Int) { append(contentsOf: String(number).utf8) }
}
