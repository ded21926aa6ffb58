import Dialects
import Testing

@Suite("Errors in Converse's streams")
struct ConverseStreamErrorTests {
    private typealias Stream = ConverseStream

    @Test(
        "An exception becomes an error event, and nothing follows it",
        arguments: [
            (
                EventFrame.exception(
                    "throttlingException", #"{"message":"Too many tokens, please wait before trying again."}"#),
                #"""
                {"message":"Too many tokens, please wait before trying again.","type":"rate_limit_error",\#
                "param":null,
                """#
                    + #""code":"rate_limit_exceeded"}"#
            ),
            (
                .exception(
                    "modelStreamErrorException",
                    #"{"message":"Model \"x\" failed","originalStatusCode":500,"originalMessage":"prompt"}"#),
                #"{"message":"Model \"x\" failed","type":"server_error","param":null,"code":null}"#
            ),
            (
                .exception(
                    "validationException", #"{"message":"Too many requests, please wait before trying again."}"#),
                #"""
                {"message":"Too many requests, please wait before trying again.","type":"rate_limit_error",\#
                "param":null,
                """#
                    + #""code":"rate_limit_exceeded"}"#
            ),
            (
                .event("serviceUnavailableException", #"{"message":"Busy"}"#),
                #"{"message":"Busy","type":"server_error","param":null,"code":"overloaded"}"#
            ),
            (
                .error("InternalFailure", "An internal server error occurred"),
                #"{"message":"An internal server error occurred","type":"server_error","param":null,"code":null}"#
            ),
            (
                .exception("newException", "not JSON"),
                #"""
                {"message":"The server reported an error (newException).","type":"server_error","param":null,\#
                "code":null}
                """#
            ),
        ])
    func translatesException(frame: EventFrame, expected: String) {
        let frames = [Stream.start, frame, Stream.delta(0, #"{"text":"a"}"#)] + Stream.end("end_turn")
        let result = Stream.run(frames)
        #expect(result.isEarly && result.end == "complete" && result.events.count == 2)
        #expect(result.events.last == #"data: {"error":\#(expected)}"#)
    }

    @Test(
        "What doesn't say what an event says breaks the stream",
        arguments: [
            EventFrame.event("messageStart", ""), .event("messageStart", "[]"), .event("messageStart", #"{"role":"#),
            .event("messageStart", "{} {}"),
            .event("contentBlockDelta", #"{"delta":{"text":1},"contentBlockIndex":0}"#),
            .event("contentBlockDelta", #"{"delta":{"toolUse":{"input":"{}"}}}"#),
            .event("contentBlockDelta", #"{"delta":{"toolUse":{"input":"{}"}},"contentBlockIndex":0}"#),
            .event("contentBlockDelta", #"{"delta":{"reasoningContent":{"text":"a"}}}"#),
            .event("contentBlockStart", #"{"start":{"toolUse":{"name":"a"}},"contentBlockIndex":0}"#),
            .event("contentBlockStart", #"{"start":{"toolUse":{"name":"a","toolUseId":"b"}}}"#),
            .event("contentBlockStop", "{}"), .event("messageStop", "{}"), .event("messageStop", #"{"stopReason":{}}"#),
            .event("contentBlockDelta", "{\"delta\":{\"text\":\"a\nb\"},\"contentBlockIndex\":0}"),
            EventFrame(
                [(":message-type", .text("event")), (":event-type", .text("messageStart"))],
                Array(#"{"p":""#.utf8) + [0xFF] + Array(#""}"#.utf8)),
            EventFrame([(":message-type", .text("news"))]), EventFrame([(":event-type", .text("messageStart"))]),
            EventFrame([]),
        ])
    func refuses(frame: EventFrame) {
        let result = Stream.run([Stream.start, frame] + Stream.end("end_turn"))
        #expect(result.end == "malformed" && result.isEarly && result.events.count == 1)
    }

    @Test("A stream that opens blocks without end is broken")
    func boundsBlocks() {
        let pieces = (0..<1025).map { Stream.tool($0, #"{"name":"a","toolUseId":"b"}"#).bytes }
        #expect(Stream.run(Array(pieces.dropLast()), Stream.context).end == "complete")
        #expect(Stream.run(pieces, Stream.context).end == "malformed")
    }

    private func beginning(_ bytes: some Collection<UInt8>) -> ConverseStreamFilter.Beginning? {
        Array(bytes).withUnsafeBytes { ConverseStreamFilter.beginning(of: $0) }
    }

    @Test("The first message says whether a stream is an exception")
    func looksAtBeginning() {
        let exception = EventFrame.exception("throttlingException", #"{"message":"Slow down"}"#)
        for length in 0..<exception.bytes.count { #expect(beginning(exception.bytes.prefix(length)) == nil) }
        for rest in [[], Stream.start.bytes, [1, 2, 3]] {
            guard case .failure(let failure) = beginning(exception.bytes + rest) else {
                Issue.record("the exception isn't recognized")
                continue
            }
            #expect(failure.status == 429 && failure.message == "Slow down")
            #expect(beginning(Stream.start.bytes + rest) == .events)
        }
        #expect(beginning(Stream.start.bytes + exception.bytes) == .events)
        #expect(beginning(EventFrame([]).bytes.dropLast()) == nil)
        let long = EventFrame.event("metadata", String(repeating: " ", count: 5000)).bytes
        #expect(
            beginning(long.prefix(11)) == nil && beginning(long.prefix(12)) == .events && beginning(long) == .events)
        for bytes in [Array(#"{"message":"Not Found"}"#.utf8), EventFrame([]).bytes] {
            guard case .malformed? = beginning(bytes) else {
                Issue.record("it looks like an event stream")
                continue
            }
        }
    }
}
