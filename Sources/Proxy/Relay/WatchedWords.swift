/// What an event has of the words `"error"` and `"usage"`, escapes in the former included.
struct WatchedWords: Equatable {
    private(set) var hasError = false
    /// Or a word that begins like it, such as `errors`.
    private(set) var mayTellError = false
    /// Where the last object begins that is called `usage`. Most providers write `"usage": null` into every event but
    /// the last, which is nothing.
    private(set) var usage: Int?

    /// Notes the words that begin behind those of sixteen bytes that are marked.
    mutating func note(_ marks: SIMDMask<SIMD16<Int8>>, from start: Int, in text: UnsafeRawBufferPointer) {
        guard marks.hasMark else { return }
        marks.forEachMark { note(at: start &+ $0 &+ 1, in: text) }
    }

    /// Notes the word that begins behind a quote.
    mutating func note(at start: Int, in text: UnsafeRawBufferPointer) {
        if text.has("usage\"", at: start) {
            guard let value = text.startOfValue(behind: start + 6), text[value] == UInt8(ascii: "{") else { return }
            usage = value
        } else if let end = text.endOfError(at: start) {
            mayTellError = true
            hasError = hasError || end < text.count && text[end] == UInt8(ascii: "\"")
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The offset behind an `error` that stands here, each letter as it is or as `\u0065`; nil if none does.
    fileprivate func endOfError(at start: Int) -> Int? {
        var index = start
        for letter in "error".utf8 {
            guard index < count else { return nil }
            if self[index] == letter {
                index &+= 1
            } else if isEscape(of: letter, at: index) {
                index &+= 6
            } else {
                return nil
            }
        }
        return index
    }

    private func isEscape(of letter: UInt8, at start: Int) -> Bool {
        guard has("\\u00", at: start), start &+ 6 <= count else { return false }
        let digits = self[start &+ 4..<start &+ 6]
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16) == letter
    }
}
