import JSONBytes

/// The members of a JSON object that say what an error is, as texts.
struct ErrorMembers {
    private static let kept: [StaticString] = ["message", "detail", "type", "object", "param", "code", "status"]
    /// Longer than any sentence that is meant for people. In Unicode scalars.
    private static let longest = 2000

    private var texts: [String: String] = [:]
    private(set) var isEmpty = true
    /// `message` is a string, as OpenAI's SDKs want it.
    private(set) var hasMessage = false

    subscript(key: String) -> String? {
        get { texts[key] }
        set { texts[key] = newValue }
    }

    /// Reads the value of a member; `text` is what the reader reads.
    mutating func read(_ key: JSONKey, _ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        isEmpty = false
        guard Self.kept.contains(where: { key == $0 }) else { return try _ = reader.skipValue() }
        try read(named: key.text, &reader, of: text)
    }

    /// Reads the value of a member that is one of those kept.
    mutating func read(named key: String, _ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        isEmpty = false
        let kind = try reader.peekKind()
        let words = kind == .string ? try reader.readString() : Self.raw(try reader.skipValue(), of: text)
        texts[key] = kind == .null ? nil : String(words.unicodeScalars.prefix(Self.longest))
        if key == "message" { hasMessage = kind == .string }
    }

    private static func raw(_ range: Range<Int>, of text: [UInt8]) -> String {
        String(decoding: text[range], as: UTF8.self)
    }
}
