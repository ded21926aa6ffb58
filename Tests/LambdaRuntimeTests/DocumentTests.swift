import HTTPTypes
import Testing
import Transport

@testable import LambdaRuntime

/// The answers of doors that don't stream.
@Suite struct DocumentTests {
    private static let prelude = Prelude(
        .init(code: 200), fields: [.contentType: "application/json", .known("x-a"): "1"])

    @Test(
        "Each door gets its own form",
        arguments: [
            (
                FrontDoor.httpAPI, #"{"a":1}"#,
                #"{"statusCode":200,"headers":{"content-type":"application/json","x-a":"1"},"body":"{\"a\":1}","isBase64Encoded":false}"#
            ),
            (
                .restAPI(streams: false), "é",
                #"{"statusCode":200,"headers":{"content-type":"application/json","x-a":"1"},"body":"é","isBase64Encoded":false}"#
            ),
            (
                .loadBalancer(hasMultiValueHeaders: false), "",
                #"{"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"application/json","x-a":"1"},"body":"","isBase64Encoded":false}"#
            ),
            (
                .loadBalancer(hasMultiValueHeaders: true), "",
                #"{"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["application/json"],"x-a":["1"]},"body":"","isBase64Encoded":false}"#
            ),
            (
                .directInvocation, #" {"a":1}"#,
                #"{"status":200,"headers":{"content-type":"application/json","x-a":"1"},"body": {"a":1}}"#
            ),
            // What only says that it is JSON must not break the document.
            (
                .directInvocation, #"{"a":1},"b":2"#,
                #"{"status":200,"headers":{"content-type":"application/json","x-a":"1"},"body":"{\"a\":1},\"b\":2"}"#
            ),
        ])
    func writes(door: FrontDoor, body: String, document: String) throws {
        let written = try #require(door.document(Self.prelude, Array(body.utf8)))
        #expect(String(decoding: written, as: UTF8.self) == document)
    }

    @Test(
        "A body that isn't UTF-8 is written in base64",
        arguments: [FrontDoor.httpAPI, .directInvocation, .loadBalancer(hasMultiValueHeaders: false)])
    func writesBase64(door: FrontDoor) throws {
        let written = try #require(door.document(Self.prelude, [0xFF, 0x00]))
        #expect(String(decoding: written, as: UTF8.self).hasSuffix(#""body":"/wA=","isBase64Encoded":true}"#))
    }

    @Test(
        "A document that the door doesn't take isn't written",
        arguments: [
            (FrontDoor.httpAPI, 6 * 1024 * 1024), (.loadBalancer(hasMultiValueHeaders: false), 1024 * 1024),
            (.directInvocation, 6 * 1024 * 1024),
        ])
    func boundsLength(door: FrontDoor, longest: Int) throws {
        let empty = try #require(door.document(Self.prelude, [])).count
        let body = [UInt8](repeating: 0x61, count: longest - empty)
        #expect(door.document(Self.prelude, body)?.count == longest)
        #expect(door.document(Self.prelude, body + [0x61]) == nil)
        #expect(door.document(Self.prelude, [UInt8](repeating: 0x22, count: longest / 2)) == nil)
        #expect(door.document(Self.prelude, [UInt8](repeating: 0xFF, count: longest / 4 * 3)) == nil)
    }
}
