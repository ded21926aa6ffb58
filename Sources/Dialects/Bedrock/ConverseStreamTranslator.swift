import JSONBytes
import Transport

/// Turns the messages of ConverseStream into chunks, one after the other.
struct ConverseStreamTranslator {
    /// A content block that has begun and not ended.
    private enum Block {
        case tool(ordinal: Int, hasInput: Bool)
        /// A call of the tool whose arguments are the content.
        case schema(hasInput: Bool)
        case reasoning(ordinal: Int)
        case hidden
    }

    /// The capacity that is kept for the next payload. In bytes.
    private static let keptCapacity = 64 * 1024
    /// How many blocks may be open. Models write one after the other.
    private static let mostBlocks = 1024

    /// As a JSON string.
    private static let emptyObject = Array(#""{}""#.utf8)[...]

    private let chunks: ChatChunkWriter
    private let schemaTool: String?
    private let onFailure: (@Sendable (BedrockFailure) -> Void)?
    private var payload: [UInt8] = []
    private var blocks: [Int: Block] = [:]
    private var toolCount = 0
    private var reasoningCount = 0
    private var hasSchema = false
    private var hasStopped = false

    init(_ context: ChatContext) {
        chunks = ChatChunkWriter(context)
        schemaTool = context.schemaTool
        onFailure = context.onFailure
    }

    /// - Returns: whether the stream ends with this message.
    mutating func pass(_ message: EventStreamMessage, into output: inout [UInt8]) throws(TransportError) -> Bool {
        if let failure = try BedrockFailure(message) {
            onFailure?(failure)
            output.append("data: ")
            output += failure.body
            output.append("\n\n")
            return true
        }
        guard let name = message.headers[":event-type"] else { return false }
        payload.removeAll(keepingCapacity: payload.capacity <= Self.keptCapacity)
        payload += message.payload
        return try pass(try ConverseEvent(name, payload), of: payload, into: &output)
    }

    /// - Returns: whether the stream ends with this event.
    private mutating func pass(
        _ event: ConverseEvent, of payload: [UInt8], into output: inout [UInt8]
    ) throws(TransportError) -> Bool {
        switch event {
        case .messageStart: chunks.write(to: &output) { $0.append(#""role":"assistant","content":"""#) }
        case .toolStart(let block, let id, let name):
            try open(block, try start(payload[id], payload[name], into: &output))
        case .hiddenStart(let block): try open(block, .hidden)
        case .text(let text): writeContent(payload[text], to: &output)
        case .toolInput(let block, let input): try pass(input: payload[input], in: block, into: &output)
        case .reasoning(let block, let part): try pass(part, of: payload, in: block, into: &output)
        case .blockStop(let block): close(block, into: &output)
        case .messageStop(let reason):
            guard !hasStopped else { break }
            hasStopped = true
            let reason = FinishReason(converse: payload[reason], hasToolCalls: toolCount > 0)
            chunks.write(to: &output, finishReason: reason)
        case .metadata(let usage):
            if let usage { chunks.write(usage, to: &output) }
            end(into: &output)
            return hasStopped
        case .other: break
        }
        return false
    }

    /// Writes `[DONE]` if the message is complete.
    func end(into output: inout [UInt8]) {
        if hasStopped { output += ChatChunkWriter.done }
    }

    private mutating func open(_ index: Int, _ block: Block) throws(TransportError) {
        guard blocks.count < Self.mostBlocks else {
            throw TransportError(.malformed, "more than \(Self.mostBlocks) blocks of the message are open")
        }
        blocks[index] = block
    }
}

// MARK: - Text and reasoning

extension ConverseStreamTranslator {
    /// - Parameter text: a JSON string.
    private func writeContent(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
        guard !text.isEmptyString else { return }
        chunks.write(to: &output) {
            $0.append(#""content":"#)
            $0 += text
        }
    }

    private mutating func pass(
        _ part: ConverseEvent.Reasoning, of payload: [UInt8], in index: Int, into output: inout [UInt8]
    ) throws(TransportError) {
        let ordinal: Int
        if case .reasoning(let known) = blocks[index] {
            ordinal = known
        } else {
            ordinal = reasoningCount
            try open(index, .reasoning(ordinal: ordinal))
            reasoningCount += 1
        }
        let (range, member): (Range<Int>, StaticString) =
            switch part {
            case .text(let range): (range, #""type":"thinking","thinking":"#)
            case .signature(let range): (range, #""type":"thinking","signature":"#)
            case .redacted(let range): (range, #""type":"redacted_thinking","data":"#)
            }
        guard !payload[range].isEmptyString else { return }
        chunks.write(to: &output) {
            if case .text = part {
                $0.append(#""reasoning_content":"#)
                $0 += payload[range]
                $0.append(",")
            }
            $0.append(#""thinking_blocks":[{"index":"#)
            $0.append(ordinal)
            $0.append(",")
            $0.append(member)
            $0 += payload[range]
            $0.append("}]")
        }
    }
}

// MARK: - Tool calls

extension ConverseStreamTranslator {
    /// - Parameters:
    ///   - id: a JSON string.
    ///   - name: a JSON string.
    private mutating func start(
        _ id: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, into output: inout [UInt8]
    ) throws(TransportError) -> Block {
        if let schemaTool, name.isString(schemaTool) {
            // The arguments of two calls would not be one JSON text.
            guard !hasSchema else { return .hidden }
            hasSchema = true
            return .schema(hasInput: false)
        }
        let ordinal = toolCount
        toolCount += 1
        chunks.write(to: &output) {
            $0.append(#""tool_calls":[{"index":"#)
            $0.append(ordinal)
            $0.append(#","id":"#)
            $0 += id
            $0.append(#","type":"function","function":{"name":"#)
            $0 += name
            $0.append(#","arguments":""}}]"#)
        }
        return .tool(ordinal: ordinal, hasInput: false)
    }

    /// - Parameter input: a JSON string with a piece of the arguments.
    private mutating func pass(
        input: ArraySlice<UInt8>, in index: Int, into output: inout [UInt8]
    ) throws(TransportError) {
        switch blocks[index] {
        case .hidden: return
        case .tool(let ordinal, _):
            guard !input.isEmptyString else { return }
            blocks[index] = .tool(ordinal: ordinal, hasInput: true)
            write(arguments: input, of: ordinal, to: &output)
        case .schema(let hasInput):
            blocks[index] = .schema(hasInput: hasInput || !input.isEmptyString)
            writeContent(input, to: &output)
        case .reasoning, nil: throw TransportError(.malformed, "arguments of a tool that was not called have arrived")
        }
    }

    /// A call without any arguments gets an empty object.
    private mutating func close(_ index: Int, into output: inout [UInt8]) {
        switch blocks.removeValue(forKey: index) {
        case .tool(let ordinal, hasInput: false): write(arguments: Self.emptyObject, of: ordinal, to: &output)
        case .schema(hasInput: false): writeContent(Self.emptyObject, to: &output)
        default: break
        }
    }

    private func write(arguments: ArraySlice<UInt8>, of ordinal: Int, to output: inout [UInt8]) {
        chunks.write(to: &output) {
            $0.append(#""tool_calls":[{"index":"#)
            $0.append(ordinal)
            $0.append(#","function":{"arguments":"#)
            $0 += arguments
            $0.append("}}]")
        }
    }
}

extension ArraySlice<UInt8> {
    /// Whether these bytes are an empty JSON string.
    var isEmptyString: Bool { count == 2 }

    /// Whether they are a JSON string with this text.
    func isString(_ text: String) -> Bool {
        var reader = JSONReader(Array(self))
        return (try? reader.readStringBytes()).map { $0.elementsEqual(text.utf8) } ?? false
    }
}
