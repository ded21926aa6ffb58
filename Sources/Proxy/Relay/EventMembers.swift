import JSONBytes

/// What the JSON of an event says that it is, as far as it goes: it may be cut off.
struct EventMembers {
    private(set) var type: [UInt8]?
    /// There is an `error`, be it only its beginning. What is empty or false is none.
    private(set) var hasError = false
    /// The text is this object and nothing else.
    private(set) var isWhole = false

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
            case ("type", .string): type = try reader.readStringBytes()
            case ("error", let kind):
                // As far as it goes: the rest may be missing.
                hasError = [.object, .array, .string].contains(kind)
                let value = text[try reader.skipValue()]
                hasError = !EventFields.noErrors.contains { value.elementsEqual($0.utf8) }
            default: try reader.skipValue()
            }
        }
    }
}
