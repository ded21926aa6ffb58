/// The bodies of the Responses API.
extension AnswerText {
    /// How a response ends.
    enum FinalState: String { case completed, incomplete, failed }

    /// A stream of a response.
    /// - Parameters:
    ///   - hasNames: whether the events have names beside the type in their data.
    ///   - failsAtEnd: whether a failure is a last state, and not an event of its own.
    static func responseStream(
        _ style: Style, chunks: Int, withUsage: Bool, _ state: FinalState, hasNames: Bool, failsAtEnd: Bool
    ) -> AnswerText {
        let (call, question) = (style.call, style.question)
        func event(_ type: String, _ members: String) -> [UInt8] {
            Array("\(hasNames ? "event: \(type)\n" : "")data: {\"type\":\"\(type)\",\(members)}\n\n".utf8)
        }
        func last(_ state: FinalState) -> [UInt8] {
            let usage = withUsage ? usage(10 + question, chunks, .responses) : nil
            return event("response.\(state.rawValue)", "\"response\":{\(members(call, state.rawValue, usage))}")
        }
        let filler = style.filler
        var parts = [event("response.created", "\"response\":{\(members(call, "in_progress", nil))}")]
        for index in 0..<chunks {
            let text = "\"item_id\":\"call-\(call).\",\"delta\":\"q\(question).\(index)\(filler) \""
            parts.append(event("response.output_text.delta", text))
        }
        parts.append(last(state))
        let error = event("error", "\"code\":\"server_error\",\"message\":\"call-\(call). the model is tired\"")
        return AnswerText(parts: parts, failure: failsAtEnd ? last(.failed) : error, isFailureLast: failsAtEnd)
    }

    /// A response that isn't a stream.
    static func response(_ style: Style, withUsage: Bool) -> AnswerText {
        let (call, question) = (style.call, style.question)
        let text = "q\(question). \(style.filler)"
        let output = "\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"\(text)\"}]}]"
        let usage = withUsage ? usage(10 + question, 3, .responses) : nil
        return AnswerText(parts: [Array("{\(members(call, "completed", usage)),\(output)}".utf8)])
    }

    private static func members(_ call: Int, _ status: String, _ usage: String?) -> String {
        let error = status == "failed" ? "{\"code\":\"server_error\",\"message\":\"call-\(call). is tired\"}" : "null"
        let start = "\"id\":\"call-\(call).\",\"object\":\"response\",\"status\":\"\(status)\",\"error\":\(error)"
        return "\(start),\"model\":\"real\"\(usage.map { ",\($0)" } ?? "")"
    }
}
