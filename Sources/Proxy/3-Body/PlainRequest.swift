import JSONBytes

/// Turns a request for a stream into one for a plain response, for callers who can't be sent a stream.
enum PlainRequest {
    private static let no = Array("false".utf8)
    /// OpenAI refuses `stream_options` without a stream, but accepts null.
    private static let null = Array("null".utf8)

    /// - Returns: the text, unchanged if it isn't a JSON object.
    static func bytes(_ text: [UInt8]) -> [UInt8] {
        var changes: [Splice] = []
        var reader = JSONReader(text)
        do throws(JSONError) {
            try reader.readObject { key, reader throws(JSONError) in
                _ = try reader.peekKind()
                let place = try reader.skipValue()
                // Some servers read other spellings, too.
                switch NormalizedName(key) {
                case "stream": changes.append(Splice(place, no))
                case "streamoptions": changes.append(Splice(place, null))
                default: break
                }
            }
        } catch {
            return text
        }
        return changes.applied(to: text)
    }
}
