/// The searches that every byte of a stream goes through.
extension UnsafeRawBufferPointer {
    /// The offset of the first LF or CR from `start` on; the end if there is none. Tests 64 bytes at a time, then 16.
    func lineEnd(from start: Int) -> Int {
        var index = start
        while index &+ 64 <= count {
            let first = isLineEnd(at: index) .| isLineEnd(at: index &+ 16)
            let second = isLineEnd(at: index &+ 32) .| isLineEnd(at: index &+ 48)
            if (first .| second).hasMark { break }
            index &+= 64
        }
        while index &+ 16 <= count {
            if let place = isLineEnd(at: index).firstMark { return index &+ place }
            index &+= 16
        }
        while index < count, self[index] != 0x0A, self[index] != 0x0D { index &+= 1 }
        return index
    }

    /// Which of the sixteen bytes at this offset end a line.
    @inline(__always)
    private func isLineEnd(at place: Int) -> SIMDMask<SIMD16<Int8>> {
        let bytes = loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
        return bytes .== SIMD16(repeating: 0x0A) .| bytes .== SIMD16(repeating: 0x0D)
    }

    /// The offset of a word's first occurrence from `start` on; nil if there is none. Tests eight bytes at a time for
    /// the word's first byte.
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

    /// Sets the top bit of each byte of `word` that equals the pattern's byte: the difference is zero there, and
    /// subtracting one borrows. A borrow may also mark higher bytes, so only the lowest mark is reliable.
    private static func marks(_ pattern: UInt64, _ word: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    /// Finds the words `"error"` and `"usage"`. It tests 64 offsets at a time for a quote that is followed by the first
    /// letter of one of the words or by an escape. If there is one, it tests them sixteen at a time.
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
        let end = count &- 1
        var start = 0
        while start < end {
            var marks = SIMDMask<SIMD16<Int8>>()
            let isWide = start &+ 64 <= end
            for step in 0..<(isWide ? 4 : 0) {
                let place = start &+ 16 &* step
                let isQuote = loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self) .== quote
                let letters = loadUnaligned(fromByteOffset: place &+ 1, as: SIMD16<UInt8>.self)
                marks = marks .| (isQuote .& (letters .== e .| letters .== u .| letters .== backslash))
            }
            let next = Swift.min(start &+ 64, end)
            if isWide, !marks.hasMark {
                start = next
                continue
            }
            while start < next {
                // The last offsets may be tested twice, which does no harm.
                let place = Swift.min(start, end &- 16)
                let isQuote = loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self) .== quote
                let letters = loadUnaligned(fromByteOffset: place &+ 1, as: SIMD16<UInt8>.self)
                words.note(isQuote .& (letters .== e .| letters .== u .| letters .== backslash), from: place, in: self)
                start &+= 16
            }
        }
        return words
    }

    /// Whether a word begins at this offset.
    func has(_ word: StaticString, at start: Int) -> Bool {
        guard start &+ word.utf8CodeUnitCount <= count else { return false }
        for index in 0..<word.utf8CodeUnitCount where self[start &+ index] != word.utf8Start[index] { return false }
        return true
    }

    /// The offset of the value of a member whose key ends before `end`; nil if there is none.
    func startOfValue(after end: Int) -> Int? {
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

    /// Whether these bytes are a word.
    func isEqual(to word: StaticString) -> Bool { count == word.utf8CodeUnitCount && has(word, at: 0) }
}

extension SIMDMask<SIMD16<Int8>> {
    /// The mask's sixteen bytes, each 0 or 255, as two integers.
    private var halves: SIMD2<UInt64> { unsafeBitCast(self, to: SIMD2<UInt64>.self) }

    var hasMark: Bool { halves[0] | halves[1] != 0 }

    /// The index of the first mark.
    var firstMark: Int? {
        if halves[0] != 0 { return UInt64(littleEndian: halves[0]).trailingZeroBitCount / 8 }
        if halves[1] != 0 { return UInt64(littleEndian: halves[1]).trailingZeroBitCount / 8 + 8 }
        return nil
    }

    func forEachMark(_ body: (Int) -> Void) {
        for half in 0..<2 {
            var marks = UInt64(littleEndian: halves[half]) & 0x0101_0101_0101_0101
            while marks != 0 {
                body(half &* 8 &+ marks.trailingZeroBitCount / 8)
                marks &= marks &- 1
            }
        }
    }
}

/// Which of the words `"error"` (also with escapes) and `"usage"` an event contains.
struct WatchedWords: Equatable {
    private(set) var hasError = false
    /// Whether it has that word or one that begins with it, such as `errors`.
    private(set) var mayTellError = false
    /// The offset of the last object that is named `usage`. Most providers write `"usage": null` into every event but
    /// the last, which doesn't count.
    private(set) var usage: Int?

    /// Notes the words that begin after marked bytes.
    mutating func note(_ marks: SIMDMask<SIMD16<Int8>>, from start: Int, in text: UnsafeRawBufferPointer) {
        guard marks.hasMark else { return }
        marks.forEachMark { note(at: start &+ $0 &+ 1, in: text) }
    }

    /// Notes the word that begins after a quote.
    mutating func note(at start: Int, in text: UnsafeRawBufferPointer) {
        if text.has("usage\"", at: start) {
            guard let value = text.startOfValue(after: start + 6), text[value] == UInt8(ascii: "{") else { return }
            usage = value
        } else if let end = text.endOfError(at: start) {
            mayTellError = true
            hasError = hasError || end < text.count && text[end] == UInt8(ascii: "\"")
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The offset after the word `error` at this offset, with any of its letters written like `\u0065`; nil if there is
    /// none.
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
