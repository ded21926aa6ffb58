/// The bodies that servers send. Each has the number of its call, by which invariants find out whose bytes a caller got.
struct AnswerText {
    /// What is sent, in pieces that are never split by `sendsErrorEvent`: events of a stream, or one whole body.
    let parts: [[UInt8]]
    /// The event that tells that a stream has failed.
    var failure: [UInt8] = []
    /// Whether that event is an end which a stream may have, and not an error.
    var isFailureLast = false

    static let done = Array("data: [DONE]\n\n".utf8)

    /// What any answer of a model has.
    struct Style {
        let call: Int
        let question: Int
        /// Of each piece of text. In bytes.
        let padding: Int
        /// Whether it can't be compressed.
        let isNoise: Bool

        /// `String(repeating:count:)` appends one after the other, which took an eighth of a life's time.
        var filler: String {
            String(unsafeUninitializedCapacity: padding) { bytes in
                bytes.initialize(repeating: UInt8(ascii: "y"))
                if isNoise { Self.fill(bytes) }
                return padding
            }
        }

        /// Fills a text with letters that hardly repeat: Marsaglia's xorshift.
        private static func fill(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
            var state: UInt32 = 1
            for index in bytes.indices {
                state ^= state << 13
                state ^= state >> 17
                state ^= state << 5
                bytes[index] = UInt8(ascii: "a") + UInt8(state % 26)
            }
        }
    }

    /// A stream of chat or text completions.
    /// - Parameter withTimings: whether the event with the usage has something else.
    static func stream(
        _ style: Style, isChat: Bool, chunks: Int, withUsage: Bool, withTimings: Bool
    ) -> AnswerText {
        var parts: [[UInt8]] = []
        let (call, question, filler) = (style.call, style.question, style.filler)
        let text = isChat ? "\"delta\":{\"content\":" : "\"text\":"
        let start = Array((head(call, isChat) + "\"choices\":[{\"index\":0,\(text)\"q\(question).").utf8)
        let rest = Array(" \"\(isChat ? "}" : ""),\"finish_reason\":null}]}\n\n".utf8)
        for index in 0..<chunks { parts.append(start + Array("\(index)\(filler)".utf8) + rest) }
        if withUsage {
            let more = withTimings ? ",\"timings\":{\"predicted_ms\":1}" : ""
            parts.append(
                Array((head(call, isChat) + "\"choices\":[],\(usage(10 + question, chunks))\(more)}\n\n").utf8))
        }
        parts.append(done)
        return AnswerText(parts: parts, failure: errorEvent(call))
    }

    private static func head(_ call: Int, _ isChat: Bool) -> String {
        let object = isChat ? "chat.completion.chunk" : "text_completion"
        return "data: {\"id\":\"call-\(call).\",\"object\":\"\(object)\",\"model\":\"real\","
    }

    static func usage(_ input: Int, _ output: Int, _ members: UsageMembers = .completions) -> String {
        "\"usage\":{\(members.input)\(input),\(members.output)\(output),\(members.total)\(input + output)}"
    }

    /// A plain chat or text completion.
    static func completion(_ style: Style, isChat: Bool, withUsage: Bool) -> AnswerText {
        let (call, question) = (style.call, style.question)
        let text = isChat ? "\"message\":{\"role\":\"assistant\",\"content\":" : "\"text\":"
        let start =
            "{\"id\":\"call-\(call).\",\"object\":\"\(isChat ? "chat.completion" : "text_completion")\",\"model\":\"real\","
            + "\"choices\":[{\"index\":0,\(text)\"q\(question). "
        let rest = "\"\(isChat ? "}" : "")}]\(withUsage ? ",\(usage(10 + question, 3))" : "")}"
        return AnswerText(parts: [Array((start + style.filler + rest).utf8)])
    }

    static func embeddings(_ call: Int) -> AnswerText {
        let text =
            "{\"id\":\"call-\(call).\",\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.5]}],\"model\":\"real\","
            + "\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}"
        return AnswerText(parts: [Array(text.utf8)])
    }

    /// A response of Titan to one text.
    static func vector(_ call: Int, withUsage: Bool) -> AnswerText {
        let usage = withUsage ? ",\(UsageMembers.invocations.input)\(vectorTokens)" : ""
        return AnswerText(parts: [Array("{\"embedding\":[0.5,\(call)]\(usage)}".utf8)])
    }

    /// What a text for a vector has.
    static let vectorTokens = 5

    static func models(_ call: Int) -> AnswerText {
        AnswerText(parts: [Array("{\"object\":\"list\",\"note\":\"call-\(call).\",\"data\":[{\"id\":\"real\"}]}".utf8)])
    }

    static func error(_ call: Int, _ message: String, withUsage: Bool = false) -> [UInt8] {
        let usage = withUsage ? "," + usage(9, 4) : ""
        return Array(
            "{\"error\":{\"message\":\"call-\(call). \(message)\",\"type\":\"server_error\",\"code\":null}\(usage)}"
                .utf8)
    }

    private static func errorEvent(_ call: Int) -> [UInt8] {
        Array("data: ".utf8) + error(call, "the model is tired") + Array("\n\n".utf8)
    }

    static let page = Array("<!DOCTYPE html><html><body>Service is busy</body></html>".utf8)
}

/// The members of a usage.
struct UsageMembers {
    let input: StaticString
    let output: StaticString
    let total: StaticString

    static let completions = UsageMembers(
        input: "\"prompt_tokens\":", output: "\"completion_tokens\":", total: "\"total_tokens\":")
    static let responses = UsageMembers(
        input: "\"input_tokens\":", output: "\"output_tokens\":", total: "\"total_tokens\":")
    static let converse = UsageMembers(
        input: "\"inputTokens\":", output: "\"outputTokens\":", total: "\"totalTokens\":")
    /// Titan has only an input.
    static let invocations = UsageMembers(input: "\"inputTextTokenCount\":", output: "\"none\":", total: "\"none\":")
    static let all = [completions, converse, responses, invocations]
}
