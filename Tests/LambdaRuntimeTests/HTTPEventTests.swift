import HTTPTypes
import Testing

@testable import LambdaRuntime

@Suite struct HTTPEventTests {
    private static let whole = #"""
        {"version":"2.0","routeKey":"$default","rawPath":"/openai/v1/chat/completions","rawQueryString":"a=1&b=2",
        "cookies":["c=1"],"headers":{"content-type":"application/json","X-Api-Key":"k","n":null},
        "queryStringParameters":{"a":"1"},"requestContext":{"accountId":"anonymous","http":{"method":"POST",
        "path":"/x","protocol":"HTTP/1.1","sourceIp":"1.2.3.4","userAgent":"u"},"requestId":"r","time":"t"},
        "body":"{\"a\":\"\u00e9\"}","isBase64Encoded":false}
        """#

    @Test("An event of a function URL becomes a request")
    func decodes() throws {
        let event = try request(Self.whole)
        #expect(event.method == .post)
        #expect(event.path == "/openai/v1/chat/completions")
        #expect(event.query == "a=1&b=2")
        #expect(event.fields[.contentType] == "application/json")
        #expect(event.fields[HTTPField.Name("x-api-key")!] == "k")
        #expect(event.body == Array(#"{"a":"é"}"#.utf8))
    }

    @Test(
        "Too many or too long fields are noted and left out, because swift-http-types would crash on them",
        arguments: [
            (1000, 1, false), (1001, 1, true), (65_533, 1, true), (70_000, 1, true), (10, 25_000, false),
            (10, 30_000, true), (1, 1_000_000, true),
        ])
    func boundsFields(count: Int, length: Int, isTooMuch: Bool) throws {
        let value = String(repeating: "v", count: length)
        let fields = (0..<count).map { #""x-\#($0)":"\#(value)""# }.joined(separator: ",")
        let event = try request(
            #"{"headers":{\#(fields)},"rawPath":"/","requestContext":{"http":{"method":"GET"}},"headers":{}}"#)
        #expect(event.hasTooManyFields == isTooMuch)
        #expect(isTooMuch ? event.fields.count <= 1000 : event.fields.count == count)
    }

    @Test("An event with too many fields that isn't a request is refused as such")
    func refusesManyFields() {
        let fields = Array(repeating: #""x":"""#, count: 70_000).joined(separator: ",")
        #expect(throws: Refused.self) { try request(#"{"headers":{\#(fields)}}"#) }
    }

    @Test("A body in base64 is decoded, with any bytes")
    func decodesBase64() throws {
        let event = try request(
            #"{"rawPath":"/","body":"/wB+gA==","isBase64Encoded":true,"requestContext":{"http":{"method":"PUT"}}}"#)
        #expect(event.body == [0xFF, 0x00, 0x7E, 0x80])
        #expect(event.method == .put)
    }

    @Test("An event without a body has an empty one", arguments: ["", #""body":null,"isBase64Encoded":true,"#])
    func toleratesNoBody(member: String) throws {
        let event = try request("{\(member)\"rawPath\":\"/\",\"requestContext\":{\"http\":{\"method\":\"GET\"}}}")
        #expect(event.body.isEmpty)
    }

    @Test(
        "An event that isn't an HTTP request is refused with a sentence",
        arguments: [
            "", "null", "[]", "\"text\"", "{}", "{\"rawPath\":\"/\"}", "{\"rawPath\":1}",
            "{\"rawPath\":\"/\",\"requestContext\":{\"http\":{}}}",
            "{\"rawPath\":\"/\",\"requestContext\":{\"http\":{\"method\":\"\"}}}",
            "{\"rawPath\":\"/\",\"requestContext\":{\"http\":{\"method\":\"A B\"}}}",
            "{\"requestContext\":{\"http\":{\"method\":\"GET\"}}}",
            "{\"rawPath\":\"/\",\"body\":\"%%\",\"isBase64Encoded\":true,\"requestContext\":{\"http\":{\"method\":\"GET\"}}}",
            "{\"source\":\"aws.events\",\"detail\":{\"requestContext\":{\"http\":{\"method\":\"GET\"}}}}",
        ])
    func refuses(text: String) throws {
        let refused = try #require(throws: Refused.self) { try request(text) }
        #expect(!refused.reason.isEmpty)
    }

    @Test("An event that is cut off anywhere is refused")
    func refusesCut() {
        let bytes = Array(Self.whole.utf8)
        for length in 0..<bytes.count - 1 {
            #expect(throws: Refused.self) { try request(String(decoding: bytes[..<length], as: UTF8.self)) }
        }
    }
}
