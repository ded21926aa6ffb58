import Testing

@testable import JSONBytes

@Suite struct JSONValueTests {
    @Test("Values are written without white space, with members in order")
    func writes() {
        let value = JSONValue.object([
            ("z", .integer(-1)), ("a", .array([.bool(true), .null, .string("x")])), ("e", .object([])),
        ])
        #expect(String(decoding: value.serialized, as: UTF8.self) == #"{"z":-1,"a":[true,null,"x"],"e":{}}"#)
    }

    @Test("Every written character can be read again")
    func escapes() throws {
        let text = String(String.UnicodeScalarView((0..<0x300).compactMap { Unicode.Scalar($0) })) + "😀\u{2028}"
        var reader = JSONReader(JSONValue.string(text).serialized)
        #expect(try reader.readString() == text)
        try reader.finish()
    }
}
