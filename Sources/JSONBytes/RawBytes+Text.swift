/// Searches that every byte of a prompt goes through. They take eight bytes at a time.
extension UnsafeRawBufferPointer {
    /// The first offset from `start` on whose byte is a quote, a backslash or a control character; the end if there is
    /// none.
    func endOfPlainRun(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let marks =
                Self.less(word ^ Self.every(UInt8(ascii: "\"")), than: 1)
                | Self.less(word ^ Self.every(UInt8(ascii: "\\")), than: 1) | Self.less(word, than: 0x20)
            if marks != 0 { return index &+ marks.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < count, self[index] != UInt8(ascii: "\""), self[index] != UInt8(ascii: "\\"), self[index] >= 0x20 {
            index &+= 1
        }
        return index
    }

    /// The offset of the first byte of a word that equals `byte`; 8 if there is none.
    static func offset(of byte: UInt8, in word: UInt64) -> Int {
        less(UInt64(littleEndian: word) ^ every(byte), than: 1).trailingZeroBitCount / 8
    }

    /// Whether a JSON string can hold these bytes without escapes. JSON doesn't require an escape for DEL, but it is
    /// escaped because it is invisible.
    var isPlain: Bool { endOfPlainRun(from: 0) == count && !contains(0x7F) }

    package var isUTF8: Bool {
        var index = endOfASCII(from: 0)
        while index < count {
            guard let length = lengthOfScalar(at: index) else { return false }
            index &+= length
            // Text in non-Latin alphabets has few ASCII characters, so this isn't tried after each scalar.
            if index < count, self[index] < 0x80 { index = endOfASCII(from: index) }
        }
        return true
    }

    private func endOfASCII(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let marks = word & Self.every(0x80)
            if marks != 0 { return index &+ marks.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < count, self[index] < 0x80 { index &+= 1 }
        return index
    }

    /// The length in bytes of a non-ASCII scalar (The Unicode Standard, table 3-7); nil if it is ill-formed.
    private func lengthOfScalar(at index: Int) -> Int? {
        if index &+ 1 < count, 0xC2...0xDF ~= self[index], self[index &+ 1] & 0xC0 == 0x80 { return 2 }
        let (length, second): (Int, ClosedRange<UInt8>)
        switch self[index] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard index &+ length <= count, second.contains(self[index &+ 1]) else { return nil }
        for offset in 2..<Swift.max(2, length) where self[index &+ offset] & 0xC0 != 0x80 { return nil }
        return length
    }

    private static func every(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// Marks the top bit of each byte that is less than a bound of at most 0x80: subtracting the bound borrows from a
    /// top bit that wasn't set. The borrow may mark bytes above as well, so only the lowest mark is reliable.
    private static func less(_ word: UInt64, than bound: UInt8) -> UInt64 {
        (word &- every(bound)) & ~word & every(0x80)
    }
}
