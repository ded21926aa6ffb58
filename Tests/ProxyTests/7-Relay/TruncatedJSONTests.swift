import JSONBytes
import Testing

@testable import Proxy

@Suite struct TruncatedJSONTests {
    @Test(
        "JSON that breaks off is closed at that point",
        arguments: [
            (#"{"error":{"message":"w"#, #"{"error":{"message":"w"}}"#), (#"[{"a":["x"#, #"[{"a":["x"]}]"#),
            (#"{"a":"x\"#, #"{"a":"x"}"#), (#"{"a":"x\u00"#, #"{"a":"x"}"#), (#"{"a":"x\""#, #"{"a":"x\""}"#),
            (#"{"a":"\\"#, #"{"a":"\\"}"#), (#"{"a":"]}{"#, #"{"a":"]}{"}"#), (#"{"a":1"#, #"{"a":1}"#),
            (#" {"a":{}"#, #" {"a":{}}"#), (#"{"a":{}}"#, #"{"a":{}}"#), (#"{"a":1} {"#, #"{"a":1} {"#), ("", ""),
            ("{", "{}"), ("plain \"text", "plain \"text"), (#""string"#, #""string"#),
        ])
    func closes(text: String, expected: String) {
        #expect(String(decoding: Array(text.utf8).closedJSON, as: UTF8.self) == expected)
    }

    @Test(
        "Empty values may contain white space",
        arguments: ["", " ", "null", " false\n", "0", "{}", "{ }", "[]", "[\n\t]", #""""#, #"" ""#])
    func isEmpty(text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { $0.isEmptyJSON })
    }

    @Test(
        "Other values aren't empty",
        arguments: ["1", "-0.5", "true", "x", "{1}", "[0]", #""a""#, "{", "\"", "{]", "nul"])
    func saysSomething(text: String) {
        #expect(!Array(text.utf8).withUnsafeBytes { $0.isEmptyJSON })
    }
}
