import JSONBytes

/// Whether a body that isn't a stream may be stored: one whole JSON object, without an error inside.
struct GoodAnswer {
    private var hasError = false

    static func isOne(_ body: [UInt8]) -> Bool {
        var answer = GoodAnswer()
        do throws(JSONError) {
            var reader = JSONReader(body.withoutMark, allowsNonFinite: true)
            try answer.readObject(&reader, isChoice: false)
            try reader.finish()
        } catch {
            return false
        }
        return !answer.hasError
    }

    private mutating func readObject(_ reader: inout JSONReader, isChoice: Bool) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "error":
                if try reader.peekKind() != .null { hasError = true }
                try reader.skipValue()
            case "status" where !isChoice: try readState(&reader)
            case "finish_reason" where isChoice: try readState(&reader)
            case "choices" where !isChoice: try readChoices(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readChoices(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .array else { return try _ = reader.skipValue() }
        try reader.readArray { reader throws(JSONError) in
            guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
            try readObject(&reader, isChoice: true)
        }
    }

    /// Of the Responses API, and of a choice.
    private mutating func readState(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .string else { return try _ = reader.skipValue() }
        let state = try reader.readStringBytes()
        if Self.unfinished.contains(where: { state.elementsEqual($0.utf8Bytes) }) { hasError = true }
    }

    private static let unfinished: [StaticString] = ["failed", "cancelled", "in_progress", "queued", "error"]
}
