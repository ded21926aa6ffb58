/// What an event has of the words `"error"` and `"usage"`.
struct WatchedWords: Equatable {
    private(set) var hasError = false
    /// Where the last object begins that is called `usage`. Most providers write `"usage": null` into every event but
    /// the last, which is nothing.
    private(set) var usage: Int?

    /// Notes the words that begin behind those of eight quotes whose bytes are marked by ones.
    mutating func note(_ marks: UInt64, from start: Int, in text: UnsafeRawBufferPointer) {
        var marks = UInt64(littleEndian: marks) & 0x0101_0101_0101_0101
        while marks != 0 {
            note(at: start &+ marks.trailingZeroBitCount / 8 &+ 1, in: text)
            marks &= marks &- 1
        }
    }

    /// Notes the word that begins behind a quote.
    mutating func note(at start: Int, in text: UnsafeRawBufferPointer) {
        if text.has("usage\"", at: start) {
            guard let value = text.startOfValue(behind: start + 6), text[value] == UInt8(ascii: "{") else { return }
            usage = value
        } else if text.has("error\"", at: start) {
            hasError = true
        }
    }
}
