import JSONBytes

/// Whether a request asks for the usage at the end of its stream: `"stream_options":{"include_usage":true}`.
///
/// Providers differ in what they make of a member that is there twice, or that is `"no"`. So every one is made to ask:
/// else its caller could choose to be charged an estimate.
struct UsageOption {
    /// Nothing is said of a stream's options.
    private(set) var isMissing = true
    /// What has to change, so that all that is said asks; none if it does.
    private(set) var changes: [Splice] = []

    /// Made once: a caller may write the option very often.
    private static let option = Array(#"{"include_usage":true}"#.utf8)
    private static let yes = Array("true".utf8)

    /// Reads the value of `stream_options`.
    /// - Parameter isExact: false if only some servers take the member for it.
    mutating func read(_ reader: inout JSONReader, isExact: Bool) throws(JSONError) {
        isMissing = isMissing && !isExact
        guard try reader.peekKind() == .object else {
            changes.append(Splice(try reader.skipValue(), Self.option))
            return
        }
        let start = reader.position + 1
        var isEmpty = true
        var isAnswered = false
        try reader.readObject { key, reader throws(JSONError) in
            isEmpty = false
            guard NormalizedName(key) == "includeusage" else { return try _ = reader.skipValue() }
            isAnswered = isAnswered || key == "include_usage"
            let kind = try reader.peekKind()
            let position = reader.position
            let isYes = kind == .bool ? try reader.readBool() : false
            if kind != .bool { try reader.skipValue() }
            if !isYes { changes.append(Splice(position..<reader.position, Self.yes)) }
        }
        if !isAnswered { changes.append(Splice(start..<start, #""include_usage":true"# + (isEmpty ? "" : ","))) }
    }
}
