import Testing

@testable import Proxy

@Suite struct GoodAnswerTests {
    private static let good = [
        "{}", " {\"id\":1}\r\n", "\u{FEFF}{}", #"{"error":null}"#, #"{"choices":[],"error":null}"#,
        #"{"data":[{"embedding":[0.5,NaN]}]}"#, #"{"status":"completed"}"#, #"{"status":"incomplete"}"#,
        #"{"status":null}"#, #"{"status":7}"#, #"{"finish_reason":"error"}"#,
        #"{"choices":null}"#, #"{"choices":"x"}"#, #"{"choices":["x",null]}"#,
        #"{"choices":[{"finish_reason":"stop"},{"finish_reason":"length"},{"finish_reason":null}]}"#,
        #"{"choices":[{"finish_reason":"content_filter","error":null,"status":"failed"}]}"#,
        // What a model says is no error.
        #"{"choices":[{"message":{"content":"{\"error\":{}}","error":"x","status":"failed"}}]}"#,
        #"{"output":[{"status":"failed","error":"x"}],"metadata":{"error":"x"}}"#,
    ]

    private static let bad = [
        "", " ", "null", "[]", "[{}]", "\"{}\"", "1", "{", "{}}", "{}{}", "{} x", "{} []", #"{"a":1,}"#, #"{"a"}"#,
        "data: {}\n\n", "<html></html>", #"{"error":{}}"#, #"{"error":"x"}"#, #"{"error":false}"#, #"{"error":0}"#,
        #"{"choices":[{"message":{}}],"error":{"message":"x"}}"#, #"{"\u0065rror":{"message":"x"}}"#,
        #"{"status":"failed","error":null}"#, #"{"status":"cancelled"}"#, #"{"status":"in_progress"}"#,
        #"{"status":"queued"}"#, #"{"status":"f\u0061iled"}"#,
        #"{"choices":[{"finish_reason":"stop"},{"finish_reason":"error"}]}"#,
        #"{"choices":[{"error":{"message":"x"},"finish_reason":"stop"}]}"#,
    ]

    @Test("A whole object without an error is good", arguments: good)
    func accepts(body: String) { #expect(GoodAnswer.isOne(Array(body.utf8))) }

    @Test("Anything else isn't", arguments: bad)
    func refuses(body: String) { #expect(!GoodAnswer.isOne(Array(body.utf8))) }

    @Test("No good answer is still one if it is cut off, or if more follows", arguments: good)
    func isWhole(body: String) {
        let bytes = Array(body.utf8)
        let end = (bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0)
        for length in 0...end { #expect(!GoodAnswer.isOne(Array(bytes[..<length])), "\(length) bytes") }
        #expect(!GoodAnswer.isOne(bytes + Array("x".utf8)))
    }
}
