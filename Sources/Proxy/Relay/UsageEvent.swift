import JSONBytes

/// The event in which a provider says, because it was asked to, what a stream has cost: `{"choices":[],"usage":{…}}`.
enum UsageEvent {
    /// - Parameter data: of an event. One with a part of the answer is none, whatever usage it has.
    static func isOne(_ data: [UInt8]) -> Bool {
        var hasNoChoices = false
        var hasUsage = false
        do throws(JSONError) {
            var reader = JSONReader(data)
            try reader.readObject { key, reader throws(JSONError) in
                switch (key, try reader.peekKind()) {
                case ("choices", .array): hasNoChoices = try isEmptyArray(&reader)
                case ("usage", .object): hasUsage = try !reader.skipValue().isEmpty
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            return false
        }
        return hasNoChoices && hasUsage
    }

    private static func isEmptyArray(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        var isEmpty = true
        try reader.readArray { reader throws(JSONError) in
            isEmpty = false
            try reader.skipValue()
        }
        return isEmpty
    }
}
