import Testing
import Transport

@testable import Dialects

@Suite("AWS's event stream")
struct EventStreamDecoderTests {
    /// A message as it was decoded.
    private struct Message: Equatable {
        var payload: [UInt8] = []
        var texts: [String] = []
    }

    private static let names: [StaticString] = [":message-type", ":event-type", ":exception-type", "text", "bytes"]

    private static func decode(_ pieces: [[UInt8]]) throws(TransportError) -> (messages: [Message], isInside: Bool) {
        var decoder = EventStreamDecoder()
        var messages: [Message] = []
        for piece in pieces {
            let end = try piece.withUnsafeBufferPointer { bytes throws(TransportError) -> Bool? in
                try decoder.receive(UnsafeRawBufferPointer(bytes)) { message throws(TransportError) in
                    let texts = names.compactMap { name in
                        message.headers[name].map { "\(name)=\(String(decoding: $0, as: UTF8.self))" }
                    }
                    messages.append(Message(payload: Array(message.payload), texts: texts))
                    return nil
                }
            }
            #expect(end == nil)
        }
        return (messages, decoder.isInsideMessage)
    }

    /// From botocore's tests: https://github.com/boto/botocore/blob/develop/tests/unit/test_eventstream.py
    private static let known: [(bytes: [UInt8], payload: String, texts: [String])] = [
        (bytes("00000010 00000000 05c248eb 7d98c8ff"), "", []),
        (bytes("00000017 00000007 29860158 04 62797465 02 ff c2f869dc"), "", []),
        (bytes("0000001d 00000000 fd528c5a 7b27666f6f273a27626172277d c3653936"), "{'foo':'bar'}", []),
        (
            bytes(
                """
                000000880000005261d114e20b3a6576656e742d7479706507000c6d65737361676553746172740d3a636f6e74656e742d74\
                7970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2270223a22\
                6162636465666768696a6b222c22726f6c65223a22617373697374616e74227db7f56ac9
                """), #"{"p":"abcdefghijk","role":"assistant"}"#, [":message-type=event", ":event-type=messageStart"]
        ),
        (
            bytes(
                """
                000000b0000000614f5086b30f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6e\
                0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009\
                657863657074696f6e7b226d657373616765223a22546f6f206d616e7920746f6b656e732c20706c65617365207761697420\
                6265666f726520747279696e6720616761696e2e227df70ae57f
                """), #"{"message":"Too many tokens, please wait before trying again."}"#,
            [":message-type=exception", ":exception-type=throttlingException"]
        ),
    ]

    @Test("A message is decoded whole, byte by byte, and between other bytes", arguments: known.indices)
    func decodes(index: Int) throws {
        let known = Self.known[index]
        let message = Message(payload: Array(known.payload.utf8), texts: known.texts)
        for pieces in waysToCut(known.bytes) {
            let (messages, isInside) = try Self.decode(pieces)
            #expect(messages == [message] && !isInside)
        }
        for pieces in waysToCut(known.bytes + known.bytes + known.bytes.prefix(13)) {
            let (messages, isInside) = try Self.decode(pieces)
            #expect(messages == [message, message] && isInside)
        }
    }

    @Test("The test's own encoder writes the same bytes")
    func encodes() {
        let start = EventFrame.event("messageStart", #"{"p":"abcdefghijk","role":"assistant"}"#)
        #expect(start.bytes == Self.known[3].bytes)
        #expect(EventFrame([]).bytes == Self.known[0].bytes)
    }

    @Test("Headers of all ten types are skipped by their length")
    func skipsHeaders() throws {
        let frame = EventFrame([
            ("true", .bool(true)), ("false", .bool(false)), ("int8", .fixed(type: 2, [1])),
            ("int16", .fixed(type: 3, [0, 1])), ("int32", .fixed(type: 4, [0, 0, 0, 1])),
            ("int64", .fixed(type: 5, Array(repeating: 7, count: 8))), ("bytes", .bytes([7, 0, 1])),
            ("time", .fixed(type: 8, Array(repeating: 8, count: 8))),
            ("uuid", .fixed(type: 9, Array(repeating: 9, count: 16))), ("text", .text("é")),
        ])
        for pieces in waysToCut(frame.bytes) {
            let messages = try Self.decode(pieces).messages
            #expect(messages == [Message(texts: ["text=é"])])
        }
    }

    private static let ten = Array(repeating: UInt8(ascii: "a"), count: 10)

    private static let broken: [(what: String, bytes: [UInt8])] = [
        ("another protocol", Array("HTTP/1.1 200 OK\r\n\r\n".utf8)),
        ("a length below the least", EventFrame.bytes(headers: [], [], length: 15)),
        ("more headers than bytes", EventFrame.bytes(headers: [], ten, headersLength: 11)),
        ("headers of 128 KB and a byte", EventFrame.bytes(headers: [], [], length: 131_089, headersLength: 131_073)),
        ("a payload of 4 MB and a byte", EventFrame.bytes(headers: [], [], length: 4_194_321)),
        ("the largest lengths", EventFrame.bytes(headers: [], [], length: 0xFFFF_FFFF, headersLength: 0xFFFF_FFFF)),
        ("an unknown type of header", EventFrame.bytes(headers: [1, 65, 10], [])),
        ("a header without a type", EventFrame.bytes(headers: [1, 65], [])),
        ("a name that is cut off", EventFrame.bytes(headers: [3, 65], ten)),
        ("a value that is cut off", EventFrame.bytes(headers: [1, 65, 9, 1, 2], ten)),
        ("a text that is cut off", EventFrame.bytes(headers: [1, 65, 7, 0, 9, 65], ten)),
        ("the length of a text that is cut off", EventFrame.bytes(headers: [1, 65, 7, 0], ten)),
        ("the same header twice", EventFrame([("a", .bool(true)), ("b", .bool(true)), ("a", .text("b"))]).bytes),
        ("too many headers", EventFrame((0..<33).map { ("\($0)", .bool(true)) }).bytes),
        ("a wrong checksum of the prelude in a right one", EventFrame.bytes(headers: [], ten, flipped: 1)),
        ("another byte in the prelude", changed(at: 3)), ("another checksum of the prelude", changed(at: 8)),
        ("another byte in the headers", changed(at: 20)), ("another byte in the payload", changed(at: 120)),
        ("another checksum", changed(at: 135)),
    ]

    /// The first frame of a stream, with one bit flipped.
    private static func changed(at index: Int) -> [UInt8] {
        var bytes = known[3].bytes
        bytes[index] ^= 1
        return bytes
    }

    @Test("A message that is broken ends the stream", arguments: broken.indices)
    func refuses(index: Int) {
        for pieces in waysToCut(Self.broken[index].bytes + Self.known[0].bytes) {
            let error = #expect(throws: TransportError.self, "\(Self.broken[index].what)") { try Self.decode(pieces) }
            #expect(error?.kind == .malformed)
        }
    }

    @Test("32 headers are read, and the limits are those of the documentation")
    func readsLargest() throws {
        let headers = (0..<32).map { ("\($0)", EventFrame.Value.bool(true)) }
        let frame = EventFrame(headers, Array(repeating: 0, count: 100_000))
        #expect(try Self.decode([frame.bytes]).messages == [Message(payload: frame.payload)])
        let longest = 16 + 128 * 1024 + 4 * 1024 * 1024
        let prelude = EventFrame.bytes(headers: [], [], length: longest, headersLength: 128 * 1024)
        #expect(try prelude.withUnsafeBytes { try EventStreamMessage.length(of: $0) } == longest)
    }

    @Test("Nothing is read after the message that was looked for")
    func stops() throws {
        var decoder = EventStreamDecoder()
        var count = 0
        let found = try (Self.known[0].bytes + Self.known[3].bytes + [1, 2]).withUnsafeBytes {
            try decoder.receive($0) { message throws(TransportError) in
                count += 1
                return message.headers[":event-type"].map { String(decoding: $0, as: UTF8.self) }
            }
        }
        #expect(found == "messageStart" && count == 2 && !decoder.isInsideMessage)
    }
}
