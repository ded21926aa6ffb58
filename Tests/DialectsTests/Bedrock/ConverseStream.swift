import Dialects
import Testing
import Transport

/// Streams of Converse, and what becomes of them.
enum ConverseStream {
    /// The result of a stream.
    struct Result: Equatable {
        /// The data of the events.
        var events: [String] = []
        /// The kind of the error, or `complete`.
        var end = ""
        /// Whether it ended before its last byte.
        var isEarly = false
    }

    static func run(_ pieces: [[UInt8]], _ context: ChatContext, _ error: TransportError? = nil) -> Result {
        var filter = ConverseStreamFilter(context)
        var output: [UInt8] = []
        var end: BodyPipe.End?
        for piece in pieces where end == nil { end = piece.withUnsafeBytes { filter.receive($0, into: &output) } }
        var result = Result(isEarly: end != nil)
        switch end ?? filter.end(error, into: &output) {
        case .complete: result.end = "complete"
        case .failed(let error): result.end = "\(error.kind)"
        case .partial: result.end = "partial"
        }
        result.events = String(decoding: output, as: UTF8.self).split(separator: "\n\n").map(String.init)
        #expect(output.isEmpty || output.suffix(2) == [10, 10])
        return result
    }

    static let context = ChatContext(id: "chatcmpl-1", created: 1_700_000_000, model: "nova \"lite\"")
    static let head =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"nova \"lite\"","#

    /// Cuts the stream in several ways, which must all give the same result.
    static func run(
        _ frames: [EventFrame], _ context: ChatContext = context, _ error: TransportError? = nil
    ) -> Result {
        let ways = waysToCut(frames.flatMap(\.bytes)).map { run($0, context, error) }
        for way in ways { #expect(way == ways[0]) }
        return ways[0]
    }

    /// The deltas and what else differs between chunks.
    static func chunks(_ frames: [EventFrame], _ context: ChatContext = context) -> [String] {
        let result = run(frames, context)
        #expect(result.end == "complete")
        return result.events.map { event in
            guard event.hasPrefix(head) else { return event }
            var chunk = event.dropFirst(head.count)
            let (start, end) = (#""choices":[{"index":0,"delta":"#, #","finish_reason":null}]}"#)
            if chunk.hasPrefix(start), chunk.hasSuffix(end) { chunk = chunk.dropFirst(start.count).dropLast(end.count) }
            return String(chunk)
        }
    }

    static let start = EventFrame.event("messageStart", #"{"role":"assistant","p":"abc"}"#)
    static let role = #"{"role":"assistant","content":""}"#

    static func delta(_ index: Int, _ delta: String) -> EventFrame {
        .event("contentBlockDelta", #"{"contentBlockIndex":\#(index),"delta":\#(delta),"p":"abcdefgh"}"#)
    }

    static func tool(_ index: Int, _ tool: String) -> EventFrame {
        .event("contentBlockStart", #"{"contentBlockIndex":\#(index),"start":{"toolUse":\#(tool)},"p":"ab"}"#)
    }

    static func stop(_ index: Int) -> EventFrame {
        .event("contentBlockStop", #"{"contentBlockIndex":\#(index),"p":"abcd"}"#)
    }

    static func end(_ reason: String) -> [EventFrame] {
        [.event("messageStop", #"{"p":"abcde","stopReason":"\#(reason)"}"#), metadata()]
    }

    static func metadata(_ usage: String = #"{"inputTokens":18,"outputTokens":7,"totalTokens":25}"#)
        -> EventFrame
    {
        .event("metadata", #"{"metrics":{"latencyMs":12},"p":"a","usage":\#(usage)}"#)
    }

    static func finish(_ reason: String) -> [String] {
        [#""choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}]}"#, "data: [DONE]"]
    }
}
