import JSONBytes
import Transport

/// An event of ConverseStream. Its texts are JSON strings, with their quotes, in the payload that it was read from.
enum ConverseEvent: Equatable {
    typealias Text = Range<Int>

    enum Reasoning: Equatable { case text(Text), signature(Text), redacted(Text) }

    case messageStart
    case toolStart(block: Int, id: Text, name: Text)
    /// A block that isn't shown: a tool that the provider runs, or its result.
    case hiddenStart(block: Int)
    case text(Text)
    case toolInput(block: Int, Text)
    case reasoning(block: Int, Reasoning)
    case blockStop(block: Int)
    case messageStop(reason: Text)
    case metadata(ChatUsage?)
    /// An event or a block that is unknown, or has nothing to show.
    case other

    /// - Parameter name: the header `:event-type`.
    init(_ name: UnsafeRawBufferPointer, _ payload: [UInt8]) throws(TransportError) {
        guard let kind = Kind(name) else {
            self = .other
            return
        }
        guard payload.withUnsafeBytes({ $0.isUTF8 }) else {
            throw TransportError(.malformed, "the event '\(kind.rawValue)' has bytes that aren't UTF-8")
        }
        do throws(JSONError) {
            var reader = JSONReader(payload)
            var members = Members(payload: payload)
            try members.read(&reader)
            try reader.finish()
            self = try Self.event(kind, members)
        } catch {
            throw TransportError(.malformed, "the event '\(kind.rawValue)' can't be read: \(error)")
        }
    }

    private enum Kind: String {
        case messageStart, contentBlockStart, contentBlockDelta, contentBlockStop, messageStop, metadata

        init?(_ name: UnsafeRawBufferPointer) {
            if name.equals("contentBlockDelta") {
                self = .contentBlockDelta
            } else {
                self.init(rawValue: String(decoding: name, as: UTF8.self))
            }
        }
    }

    private static func event(_ kind: Kind, _ members: Members) throws(JSONError) -> ConverseEvent {
        switch kind {
        case .messageStart: return .messageStart
        case .contentBlockStart where members.isHidden: return .hiddenStart(block: try members.block)
        case .contentBlockStart where members.isTool:
            guard let id = members.toolID, let name = members.toolName else { throw members.missing }
            return .toolStart(block: try members.block, id: id, name: name)
        case .contentBlockDelta:
            if let text = members.text { return .text(text) }
            if let input = members.input { return .toolInput(block: try members.block, input) }
            if let reasoning = members.reasoning { return .reasoning(block: try members.block, reasoning) }
            return .other
        case .contentBlockStart: return .other
        case .contentBlockStop: return .blockStop(block: try members.block)
        case .messageStop:
            guard let reason = members.stopReason else { throw members.missing }
            return .messageStop(reason: reason)
        case .metadata: return .metadata(members.usage?.chat)
        }
    }
}

/// The members of all events. No two events use a name for different things.
private struct Members {
    let payload: [UInt8]
    private var index: Int?
    var isTool = false
    var isHidden = false
    var toolID: ConverseEvent.Text?
    var toolName: ConverseEvent.Text?
    var text: ConverseEvent.Text?
    var input: ConverseEvent.Text?
    var reasoning: ConverseEvent.Reasoning?
    var stopReason: ConverseEvent.Text?
    var usage: ConverseUsage?

    init(payload: [UInt8]) { self.payload = payload }

    /// The error for a member that is missing, at the end of the object.
    var missing: JSONError { JSONError(.unexpectedEnd, at: payload.count) }

    var block: Int {
        get throws(JSONError) {
            guard let index else { throw missing }
            return index
        }
    }

    mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "contentBlockIndex": index = try reader.readInteger()
            case "start":
                try reader.readObjectIfAny { key, reader throws(JSONError) in
                    try readStart(key, &reader)
                }
            case "delta":
                try reader.readObjectIfAny { key, reader throws(JSONError) in
                    try readDelta(key, &reader)
                }
            case "stopReason": stopReason = try reader.rawString()
            case "usage": usage = try ConverseUsage(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readStart(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "toolUse":
            isTool = true
            try reader.readObjectIfAny { key, reader throws(JSONError) in
                try readTool(key, &reader)
            }
        case "toolResult":
            isHidden = true
            try reader.skipValue()
        default: try reader.skipValue()
        }
    }

    private mutating func readTool(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "toolUseId": toolID = try reader.rawString()
        case "name": toolName = try reader.rawString()
        case "type": isHidden = try reader.rawString().map { ConverseTool.isServerTool(payload[$0]) } ?? false
        default: try reader.skipValue()
        }
    }

    private mutating func readDelta(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "text": text = try reader.rawString()
        case "toolUse":
            try reader.readObjectIfAny { key, reader throws(JSONError) in
                if key == "input" { input = try reader.rawString() } else { try reader.skipValue() }
            }
        case "reasoningContent":
            try reader.readObjectIfAny { key, reader throws(JSONError) in
                try readReasoning(key, &reader)
            }
        default: try reader.skipValue()
        }
    }

    private mutating func readReasoning(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "text": reasoning = try reader.rawString().map { .text($0) } ?? reasoning
        case "signature": reasoning = try reader.rawString().map { .signature($0) } ?? reasoning
        case "redactedContent": reasoning = try reader.rawString().map { .redacted($0) } ?? reasoning
        default: try reader.skipValue()
        }
    }
}
