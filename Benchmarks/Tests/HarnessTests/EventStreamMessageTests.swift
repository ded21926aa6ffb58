import Testing

@testable import harness

struct EventStreamMessageTests {
    @Test("A message is the one that botocore reads")
    func encodes() {
        // Made with Python's struct and zlib, and read by botocore's EventStreamBuffer.
        let expected = """
            000000880000005261d114e20b3a6576656e742d7479706507000c6d65737361676553746172740d3a636f6e74656e742d747970\
            650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2270223a2261626364\
            65666768696a6b222c22726f6c65223a22617373697374616e74227db7f56ac9
            """
        #expect(
            hexadecimal(EventStreamMessage.bytes("messageStart", #"{"p":"abcdefghijk","role":"assistant"}"#))
                == expected)
    }

    @Test("After a stamp, a chunk from Bedrock is the message with that time")
    func stamps() {
        var chunk = StreamPayload(Work(isBedrock: true)).chunk
        chunk.stamp(42)
        let payload =
            #"{"contentBlockIndex":0,"delta":{"text":"@0000000000000000042"},"p":"abcdefghijklmnopqrstuvwxyz"}"#
        #expect(chunk.bytes == StreamPayload.inChunk(EventStreamMessage.bytes("contentBlockDelta", payload)))
    }

    @Test("A chunk has at least the size that was asked for", arguments: [false, true])
    func pads(isBedrock: Bool) {
        let content = { StreamPayload(Work(isBedrock: isBedrock, chunkBytes: $0)).chunk.bytes.count }
        #expect(content(1000) == 1000 + "3e8\r\n\r\n".utf8.count)
        #expect(content(0) < 400)
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
