import JSONBytes

/// Reads how many tokens a provider has counted: in the words of chat completions or of the Responses API.
struct UsageReader {
    /// More than anybody can send; sums and products of such numbers don't overflow.
    private static let largest = 1_000_000_000_000

    /// Longer than any usage object. In bytes.
    static let longest = 4 * 1024

    private var input: Int?
    private var output: Int?
    private var total: Int?
    private var cachedInput = 0

    /// - Parameter text: begins with the object; what follows that isn't read.
    /// - Returns: nil if it is cut off, or if a number in it can't be one of tokens.
    static func usage(in text: [UInt8]) -> Usage? {
        var members = UsageReader()
        do throws(JSONError) {
            var reader = JSONReader(text)
            try members.read(&reader)
        } catch {
            return nil
        }
        guard members.input != nil || members.output != nil || members.total != nil else { return nil }
        let total = members.total ?? 0
        let input = members.input ?? max(0, total - (members.output ?? 0))
        // Gemini and Grok count what a model has thought in the total only.
        let output = max(members.output ?? 0, total - input)
        return Usage(
            input: input, output: output, cachedInput: min(members.cachedInput, input), isEstimate: false)
    }

    private mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "prompt_tokens", "input_tokens": input = try Self.count(&reader) ?? input
            case "completion_tokens", "output_tokens": output = try Self.count(&reader) ?? output
            case "total_tokens": total = try Self.count(&reader) ?? total
            case "prompt_tokens_details", "input_tokens_details": try readDetails(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readDetails(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
        try reader.readObject { key, reader throws(JSONError) in
            guard key == "cached_tokens" else { return try _ = reader.skipValue() }
            cachedInput = try Self.count(&reader) ?? cachedInput
        }
    }

    private static func count(_ reader: inout JSONReader) throws(JSONError) -> Int? {
        guard try reader.peekKind() != .null else {
            try reader.skipValue()
            return nil
        }
        let start = reader.position
        let count = try reader.readInteger()
        guard (0...largest).contains(count) else { throw JSONError(.wrongType, at: start) }
        return count
    }
}
