import JSONBytes

/// Turns the response of Bedrock's Converse into OpenAI's chat completion.
package enum ConverseAnswer {
    /// - Parameter body: the body of a response with the status 200.
    /// - Throws: if it reports an error, or isn't a response of Converse.
    package static func chatCompletion(_ body: [UInt8], _ context: ChatContext) throws(BedrockFailure) -> [UInt8] {
        guard body.withUnsafeBytes({ $0.isUTF8 }) else {
            throw BedrockFailure(unreadable: "The response of Converse has bytes that aren't UTF-8.")
        }
        var message = ConverseMessage(body, schemaTool: context.schemaTool)
        do throws(JSONError) {
            try message.read()
        } catch {
            throw BedrockFailure(unreadable: "The response of Converse can't be read: \(error).")
        }
        guard message.isPresent else { throw BedrockFailure(status: 200, errorType: nil, body: body) }
        return completion(message, of: body, context)
    }

    private static func completion(_ message: ConverseMessage, of body: [UInt8], _ context: ChatContext) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(body.count + 512)
        output += context.beginning(of: "chat.completion")
        output.append(#","choices":[{"index":0,"message":"#)
        output += message.json
        output.append(#","logprobs":null,"finish_reason":"#)
        let reason = message.stopReason.map { FinishReason(converse: body[$0], hasToolCalls: message.hasToolCalls) }
        output.append(quoted: (reason ?? .stop).rawValue.utf8)
        output.append("}]")
        if let usage = message.usage {
            output.append(#","usage":"#)
            output += usage.chat.json
        }
        output.append("}")
        return output
    }
}

/// What a response of Converse contains, in the form that OpenAI's message needs. Texts are copied as they are
/// escaped.
private struct ConverseMessage {
    /// Whether there is a message at all.
    private(set) var isPresent = false
    private(set) var stopReason: Range<Int>?
    private(set) var usage: ConverseUsage?
    var hasToolCalls: Bool { !calls.isEmpty }

    private let body: [UInt8]
    private let schemaTool: String?
    /// The content of a JSON string, without its quotes.
    private var content: [UInt8] = []
    private var reasoning: [UInt8] = []
    /// The elements of arrays.
    private var thinking: [UInt8] = []
    private var calls: [UInt8] = []
    /// The arguments of `schemaTool`.
    private var schema: [UInt8]?

    init(_ body: [UInt8], schemaTool: String?) {
        self.body = body
        self.schemaTool = schemaTool
    }

    mutating func read() throws(JSONError) {
        var reader = JSONReader(body)
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "output":
                try reader.readObjectIfAny { key, reader throws(JSONError) in
                    try readOutput(key, &reader)
                }
            case "stopReason": stopReason = try reader.rawString()
            case "usage": usage = try ConverseUsage(&reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
    }

    /// OpenAI's message.
    var json: [UInt8] {
        var output: [UInt8] = []
        output.append(#"{"role":"assistant","content":"#)
        let text = schema ?? content
        if text.isEmpty, hasToolCalls { output.append("null") } else { output.append(quoted: text) }
        if !reasoning.isEmpty {
            output.append(#","reasoning_content":"#)
            output.append(quoted: reasoning)
        }
        output.append(elements: thinking, as: #","thinking_blocks":["#)
        output.append(elements: calls, as: #","tool_calls":["#)
        output.append(#","refusal":null}"#)
        return output
    }
}

// MARK: - Reading

extension ConverseMessage {
    private mutating func readOutput(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        guard key == "message" else { return try _ = reader.skipValue() }
        try reader.readObjectIfAny { key, reader throws(JSONError) in
            isPresent = true
            guard key == "content" else { return try _ = reader.skipValue() }
            try reader.readArray { reader throws(JSONError) in
                try reader.readObject { key, reader throws(JSONError) in try readBlock(key, &reader) }
            }
        }
    }

    private mutating func readBlock(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "text": if let text = try reader.rawString() { content += body[text].withoutQuotes }
        case "reasoningContent": try readReasoning(&reader)
        case "toolUse": try readTool(&reader)
        case "citationsContent":
            try reader.readObjectIfAny { key, reader throws(JSONError) in
                guard key == "content" else { return try _ = reader.skipValue() }
                try reader.readArray { reader throws(JSONError) in
                    try reader.readObject { key, reader throws(JSONError) in
                        if key == "text" { try readBlock(key, &reader) } else { try reader.skipValue() }
                    }
                }
            }
        default: try reader.skipValue()
        }
    }

    private mutating func readReasoning(_ reader: inout JSONReader) throws(JSONError) {
        var (text, signature, redacted): (Range<Int>?, Range<Int>?, Range<Int>?)
        try reader.readObjectIfAny { key, reader throws(JSONError) in
            switch key {
            case "reasoningText":
                try reader.readObjectIfAny { key, reader throws(JSONError) in
                    switch key {
                    case "text": text = try reader.rawString()
                    case "signature": signature = try reader.rawString()
                    default: try reader.skipValue()
                    }
                }
            case "redactedContent": redacted = try reader.rawString()
            default: try reader.skipValue()
            }
        }
        if let text { reasoning += body[text].withoutQuotes }
        if text != nil || signature != nil {
            thinking.beginElement(#"{"type":"thinking""#)
            thinking.append(member: #","thinking":"#, text.map { body[$0] } ?? Array(#""""#.utf8)[...])
            if let signature { thinking.append(member: #","signature":"#, body[signature]) }
            thinking.append("}")
        }
        if let redacted {
            thinking.beginElement(#"{"type":"redacted_thinking""#)
            thinking.append(member: #","data":"#, body[redacted])
            thinking.append("}")
        }
    }

    private mutating func readTool(_ reader: inout JSONReader) throws(JSONError) {
        var (id, name, input): (Range<Int>?, Range<Int>?, Range<Int>?)
        var isHidden = false
        try reader.readObjectIfAny { key, reader throws(JSONError) in
            switch key {
            case "toolUseId": id = try reader.rawString()
            case "name": name = try reader.rawString()
            case "input": input = try reader.peekKind() == .null ? reader.skip() : reader.skipValue()
            case "type": isHidden = try reader.rawString().map { ConverseTool.isServerTool(body[$0]) } ?? false
            default: try reader.skipValue()
            }
        }
        guard !isHidden else { return }
        guard let id, let name else { throw JSONError(.unexpectedEnd, at: reader.position) }
        let arguments = input.map { body[$0].asArguments } ?? Array("{}".utf8)
        if let schemaTool, body[name].isString(schemaTool) {
            schema = schema ?? arguments
            return
        }
        calls.beginElement(#"{"type":"function""#)
        calls.append(member: #","id":"#, body[id])
        calls.append(member: #","function":{"name":"#, body[name])
        calls.append(#","arguments":"#)
        calls.append(quoted: arguments)
        calls.append("}}")
    }
}

// MARK: - Writing

extension [UInt8] {
    fileprivate mutating func beginElement(_ text: StaticString) {
        if !isEmpty { append(UInt8(ascii: ",")) }
        append(text)
    }

    fileprivate mutating func append(member: StaticString, _ value: ArraySlice<UInt8>) {
        append(member)
        self += value
    }

    /// Does nothing if there are no elements.
    fileprivate mutating func append(elements: [UInt8], as member: StaticString) {
        guard !elements.isEmpty else { return }
        append(member)
        self += elements
        append("]")
    }
}

extension ArraySlice<UInt8> {
    fileprivate var withoutQuotes: ArraySlice<UInt8> { dropFirst().dropLast() }

    /// These bytes, which are JSON, without white space outside strings, and escaped as the content of a JSON string.
    /// Numbers and the order of members stay as they are.
    fileprivate var asArguments: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(count + count / 8)
        var (isInString, isEscaped) = (false, false)
        for byte in self {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x20, 0x0A, 0x0D, 0x09: if isInString { output.append(byte) }
            default: output.append(byte)
            }
            if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        return output
    }
}
