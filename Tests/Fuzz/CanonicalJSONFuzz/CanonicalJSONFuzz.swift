import JSONBytes

/// Exactly the JSON objects have a canonical text. That is a JSON object of a proportionate length, and its own
/// canonical text.
enum CanonicalJSONFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        let isObject = input.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
        let text = try? CanonicalJSON.text(of: input) { _, _ in true }
        require((text != nil) == (isObject && JSONGrammar.accepts(input)), "not exactly the objects have a text")
        guard let text else { return }
        require(JSONGrammar.accepts(text), "the text isn't JSON")
        require(text.count <= 3 * input.count, "the text is too long")
        let again = try? CanonicalJSON.text(of: text) { _, _ in true }
        require(again == text, "the text has another text")
        let empty = try? CanonicalJSON.text(of: input) { _, _ in false }
        require(empty == Array("{}".utf8), "a member is kept that shouldn't be")
    }
}
