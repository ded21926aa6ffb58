/// The bodies that servers send. Each has the number of its call, by which invariants find out whose bytes a caller got.
struct AnswerText {
    /// What is sent, in pieces that are never split by `sendsErrorEvent`: events of a stream, or one whole body.
    let parts: [[UInt8]]

    static let done = Array("data: [DONE]\n\n".utf8)

    /// A stream of chat completions.
    /// - Parameter withTimings: whether the event with the usage has something else.
    static func stream(
        _ call: Int, _ question: Int, chunks: Int, padding: Int, withUsage: Bool, withTimings: Bool
    ) -> AnswerText {
        var parts: [[UInt8]] = []
        let filler = [UInt8](repeating: UInt8(ascii: "y"), count: padding)
        let start = Array((head(call) + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"q\(question).").utf8)
        let rest = Array(" \"},\"finish_reason\":null}]}\n\n".utf8)
        for index in 0..<chunks { parts.append(start + Array("\(index)".utf8) + filler + rest) }
        if withUsage {
            let more = withTimings ? ",\"timings\":{\"predicted_ms\":1}" : ""
            parts.append(Array((head(call) + "\"choices\":[],\(usage(10 + question, chunks))\(more)}\n\n").utf8))
        }
        parts.append(done)
        return AnswerText(parts: parts)
    }

    private static func head(_ call: Int) -> String {
        "data: {\"id\":\"call-\(call).\",\"object\":\"chat.completion.chunk\",\"model\":\"real\","
    }

    private static func usage(_ input: Int, _ output: Int) -> String {
        "\"usage\":{\"prompt_tokens\":\(input),\"completion_tokens\":\(output),\"total_tokens\":\(input + output)}"
    }

    /// A plain chat completion.
    static func completion(_ call: Int, _ question: Int, padding: Int, withUsage: Bool) -> AnswerText {
        let start =
            "{\"id\":\"call-\(call).\",\"object\":\"chat.completion\",\"model\":\"real\",\"choices\":["
            + "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"q\(question). "
        let filler = [UInt8](repeating: UInt8(ascii: "y"), count: padding)
        let rest = withUsage ? "\"}}],\(usage(10 + question, 3))}" : "\"}}]}"
        return AnswerText(parts: [Array(start.utf8) + filler + Array(rest.utf8)])
    }

    static func embeddings(_ call: Int) -> AnswerText {
        let text =
            "{\"id\":\"call-\(call).\",\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.5]}],\"model\":\"real\","
            + "\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}"
        return AnswerText(parts: [Array(text.utf8)])
    }

    static func models(_ call: Int) -> AnswerText {
        AnswerText(parts: [Array("{\"object\":\"list\",\"note\":\"call-\(call).\",\"data\":[{\"id\":\"real\"}]}".utf8)])
    }

    static func error(_ call: Int, _ message: String, withUsage: Bool = false) -> [UInt8] {
        let usage = withUsage ? "," + usage(9, 4) : ""
        return Array(
            "{\"error\":{\"message\":\"call-\(call). \(message)\",\"type\":\"server_error\",\"code\":null}\(usage)}"
                .utf8)
    }

    static func errorEvent(_ call: Int) -> [UInt8] {
        Array("data: ".utf8) + error(call, "the model is tired") + Array("\n\n".utf8)
    }

    static let page = Array("<!DOCTYPE html><html><body>Service is busy</body></html>".utf8)
}
