/// What a provider sends as a stream: a head, the same chunk repeatedly, and an end.
struct StreamPayload {
    let head: [UInt8]
    let chunk: StampedChunk
    let end: [UInt8]

    init(_ work: Work) {
        let isBedrock = work.isBedrock
        let event = isBedrock ? Self.bedrockDelta : Self.openAIDelta
        let padding = max(work.chunkBytes - event(Stamp.placeholder).count, 0)
        let text = Stamp.placeholder + String(repeating: "x", count: padding)
        chunk = StampedChunk(event(text), hasChecksum: isBedrock)
        head =
            Self.head(isBedrock ? "application/vnd.amazon.eventstream" : "text/event-stream")
            + (isBedrock ? Self.inChunk(Self.bedrockStart) : [])
        end = Self.inChunk(isBedrock ? Self.bedrockEnd : Self.openAIEnd) + Array("0\r\n\r\n".utf8)
    }

    /// Content in an HTTP chunk.
    static func inChunk(_ content: [UInt8]) -> [UInt8] {
        Array("\(String(content.count, radix: 16))\r\n".utf8) + content + Array("\r\n".utf8)
    }

    private static func head(_ type: String) -> [UInt8] {
        Array(
            """
            HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nx-request-id: req_bench\r\n\
            Transfer-Encoding: chunked\r\n\r\n
            """.utf8)
    }
}

/// OpenAI's server-sent events.
extension StreamPayload {
    private static func openAIDelta(_ text: String) -> [UInt8] {
        openAIEvent("\"delta\":{\"content\":\"\(text)\"},\"finish_reason\":null")
    }

    private static let openAIEnd =
        openAIEvent("\"delta\":{},\"finish_reason\":\"stop\"") + Array("data: [DONE]\n\n".utf8)

    private static func openAIEvent(_ members: String) -> [UInt8] {
        Array(
            """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"bench",\
            "choices":[{"index":0,\(members)}]}\n\n
            """.utf8)
    }
}

/// The messages of Bedrock's ConverseStream, in their usual order. Each has a member `p` as padding.
extension StreamPayload {
    private static let bedrockStart = EventStreamMessage.bytes(
        "messageStart", #"{"p":"abcdefghijk","role":"assistant"}"#)

    private static func bedrockDelta(_ text: String) -> [UInt8] {
        EventStreamMessage.bytes(
            "contentBlockDelta",
            #"{"contentBlockIndex":0,"delta":{"text":"\#(text)"},"p":"abcdefghijklmnopqrstuvwxyz"}"#)
    }

    private static let bedrockEnd =
        EventStreamMessage.bytes("contentBlockStop", #"{"contentBlockIndex":0,"p":"abcdefghijklmn"}"#)
        + EventStreamMessage.bytes("messageStop", #"{"p":"abcdefghijklmnopqrs","stopReason":"end_turn"}"#)
        + EventStreamMessage.bytes(
            "metadata",
            """
            {"metrics":{"latencyMs":1000},"p":"abcdefgh",\
            "usage":{"inputTokens":50,"outputTokens":100,"totalTokens":150}}
            """)
}

/// A chunk that is sent repeatedly, each time with the time in it.
struct StampedChunk {
    /// An event in its HTTP chunk.
    private(set) var bytes: [UInt8]
    private let stampOffset: Int
    /// The message whose checksum depends on the time; nil if there is none.
    private let message: Range<Int>?

    /// - Parameter event: with the placeholder of the time.
    init(_ event: [UInt8], hasChecksum: Bool) {
        bytes = StreamPayload.inChunk(event)
        stampOffset = (bytes.firstIndex(of: UInt8(ascii: "@")) ?? 0) + 1
        let start = bytes.count - 2 - event.count
        message = hasChecksum ? start..<start + event.count : nil
    }

    mutating func stamp(_ time: UInt64) {
        Stamp.write(time, into: &bytes, at: stampOffset)
        if let message { EventStreamMessage.writeChecksum(in: &bytes, message) }
    }
}
