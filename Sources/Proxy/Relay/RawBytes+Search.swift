/// The searches that every byte of a stream goes through.
extension UnsafeRawBufferPointer {
    /// The offset of the first LF or CR at or behind `start`; the end if there is none. Tests eight bytes at a time.
    func lineEnd(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let marks = Self.marks(0x0A0A_0A0A_0A0A_0A0A, word) | Self.marks(0x0D0D_0D0D_0D0D_0D0D, word)
            if marks != 0 { return index &+ marks.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < count, self[index] != 0x0A, self[index] != 0x0D { index &+= 1 }
        return index
    }

    /// The first offset at or behind `start` at which a word stands; nil if it doesn't. Tests eight bytes at a time for its
    /// first one.
    func offset(of word: StaticString, from start: Int) -> Int? {
        let first = word.utf8Start[0]
        let pattern = UInt64(first) &* 0x0101_0101_0101_0101
        var index = start
        while index < count {
            if index &+ 8 <= count {
                let text = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let marks = Self.marks(pattern, text)
                guard marks != 0 else {
                    index &+= 8
                    continue
                }
                index &+= marks.trailingZeroBitCount / 8
            }
            if self[index] == first, has(word, at: index) { return index }
            index &+= 1
        }
        return nil
    }

    /// Marks the top bit of each byte of the word that is that of the pattern: their difference has a zero byte, from
    /// which a one is borrowed. A borrow may mark bytes above too, so only the lowest mark counts.
    private static func marks(_ pattern: UInt64, _ word: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    /// What stands here of the words that are looked for, as a JSON text has them outside of its strings. Sixteen places
    /// at a time are tested for a quote and one of the letters with which the words begin, or an escape.
    var watchedWords: WatchedWords {
        var words = WatchedWords()
        guard count >= 17 else {
            for start in 0..<Swift.max(0, count - 1) where self[start] == UInt8(ascii: "\"") {
                words.note(at: start + 1, in: self)
            }
            return words
        }
        let quote = SIMD16(repeating: UInt8(ascii: "\""))
        let (e, u) = (SIMD16(repeating: UInt8(ascii: "e")), SIMD16(repeating: UInt8(ascii: "u")))
        let backslash = SIMD16(repeating: UInt8(ascii: "\\"))
        let last = count &- 17
        var start = 0
        while start < last &+ 16 {
            // The last places may have been tested before, which does no harm.
            let place = start < last ? start : last
            let isQuote = loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self) .== quote
            let letters = loadUnaligned(fromByteOffset: place &+ 1, as: SIMD16<UInt8>.self)
            let isMarked = isQuote .& (letters .== e .| letters .== u .| letters .== backslash)
            let marks = unsafeBitCast(isMarked, to: SIMD2<UInt64>.self)
            if marks[0] | marks[1] != 0 {
                words.note(marks[0], from: place, in: self)
                words.note(marks[1], from: place &+ 8, in: self)
            }
            start &+= 16
        }
        return words
    }

    /// Whether a word stands at this offset.
    func has(_ word: StaticString, at start: Int) -> Bool {
        guard start &+ word.utf8CodeUnitCount <= count else { return false }
        for index in 0..<word.utf8CodeUnitCount where self[start &+ index] != word.utf8Start[index] { return false }
        return true
    }

    /// The offset of a member's value whose key ends before `end`; nil if none begins there.
    func startOfValue(behind end: Int) -> Int? {
        let colon = endOfBlanks(from: end)
        guard colon < count, self[colon] == UInt8(ascii: ":") else { return nil }
        let start = endOfBlanks(from: colon &+ 1)
        return start < count ? start : nil
    }

    func endOfBlanks(from start: Int) -> Int {
        var index = start
        while index < count, self[index].isWhiteSpace { index &+= 1 }
        return index
    }

    /// Whether these are the bytes of a text.
    func isEqual(to text: String) -> Bool { count == text.utf8.count && elementsEqual(text.utf8) }
}
