import JSONBytes

/// Whether a request asks for the usage at the end of its stream: `"stream_options":{"include_usage":true}`.
enum UsageOption {
    /// Nothing is said of a stream's options.
    case missing
    /// The options don't ask for it; they would with this change.
    case unasked(Splice)
    /// They do, or say what nobody understands: let the provider judge that.
    case asked

    /// Reads the value of `stream_options`.
    mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        let kind = try reader.peekKind()
        guard case .missing = self, kind == .object else {
            let value = try reader.skipValue()
            let isNothing = if case .missing = self { kind == .null } else { false }
            self = isNothing ? .unasked(Splice(value, #"{"include_usage":true}"#)) : .asked
            return
        }
        let start = reader.position + 1
        var isEmpty = true
        var answers: [(isNo: Bool, place: Range<Int>)] = []
        try reader.readObject { key, reader throws(JSONError) in
            isEmpty = false
            guard key == "include_usage" else { return try _ = reader.skipValue() }
            let kind = try reader.peekKind()
            let position = reader.position
            let isNo = kind == .bool ? try !reader.readBool() : kind == .null
            if kind != .bool { try reader.skipValue() }
            answers.append((isNo, position..<reader.position))
        }
        switch answers.count {
        case 0: self = .unasked(Splice(start..<start, #""include_usage":true"# + (isEmpty ? "" : ",")))
        case 1 where answers[0].isNo: self = .unasked(Splice(answers[0].place, "true"))
        default: self = .asked
        }
    }
}
