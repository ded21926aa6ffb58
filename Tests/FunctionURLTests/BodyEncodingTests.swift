import Testing

@testable import FunctionURL

@Suite struct BodyEncodingTests {
    private static let text = Array("é".utf8)

    @Test(arguments: [
        ("application/json", true),
        ("application/json; charset=utf-8", true),
        ("APPLICATION/JSON", true),
        ("text/plain;charset=utf-8", true),
        ("text/event-stream", true),
        ("application/javascript", true),
        ("application/xml", true),
        ("application/x-www-form-urlencoded", false),
        ("application/problem+json", false),
        ("application/octet-stream", false),
        ("multipart/form-data; boundary=x", false),
        ("", false),
    ])
    func `The content type decides between text and base64`(type: String, isText: Bool) {
        let fields = type.isEmpty ? [] : [HeaderField("Content-Type", type)]
        let encoded = BodyEncoding.encode(Self.text, headers: fields)
        #expect(encoded.isBase64 == !isText)
        #expect(encoded.text == (isText ? "é" : "w6k="))
    }

    @Test func `Text that isn't UTF-8 is sent as base64`() {
        let encoded = BodyEncoding.encode([0xff, 0x00], headers: [HeaderField("content-type", "text/plain")])
        #expect(encoded.isBase64)
        #expect(encoded.text == "/wA=")
    }

    @Test func `A compressed body is sent as base64`() {
        let fields = [HeaderField("content-type", "application/json"), HeaderField("content-encoding", "gzip")]
        #expect(BodyEncoding.encode(Self.text, headers: fields).isBase64)
    }
}
