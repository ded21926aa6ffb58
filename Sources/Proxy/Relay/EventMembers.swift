import JSONBytes

/// What the JSON of an event says that it is, as far as it goes: it may be cut off.
struct EventMembers {
    private(set) var type: [UInt8]?
    private var object: [UInt8]?
    /// There is an `error`, be it only its beginning. What is empty or false is none.
    private(set) var hasError = false
    /// The text is this object and nothing else.
    private(set) var isWhole = false

    /// It says itself that it is an error: vLLM does in `object`, the Responses API in `type`.
    var isUnwrappedError: Bool { Self.isError(object) || Self.isError(type) }

    private static func isError(_ label: [UInt8]?) -> Bool { label?.elementsEqual("error".utf8) ?? false }

    init(_ text: [UInt8]) {
        var reader = JSONReader(text, allowsNonFinite: true)
        do throws(JSONError) {
            try read(&reader, of: text)
            try reader.finish()
            isWhole = true
        } catch {
            isWhole = false
        }
    }

    private mutating func read(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch (key, try reader.peekKind()) {
            // Of several the last one counts, as in the SDKs.
            case ("type", .string): type = try reader.readStringBytes()
            case ("object", .string): object = try reader.readStringBytes()
            case ("error", let kind):
                // As far as it goes: the rest may be missing.
                hasError = [.object, .array, .string].contains(kind)
                hasError = try !reader.skipsEmpty(of: text)
            default: try reader.skipValue()
            }
        }
    }
}
