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

    /// Marks the top bit of each byte of the word that is that of the pattern: their difference has a zero byte, from
    /// which a one is borrowed. A borrow may mark bytes above too, so only the lowest mark counts.
    private static func marks(_ pattern: UInt64, _ word: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    /// Whether `"error"` stands here, as a JSON text has it outside of its strings. Horspool's search: what stands at
    /// the end of a window tells how far it may move, mostly by its whole length.
    var hasErrorWord: Bool {
        var last = 6
        while last < count {
            switch self[last] {
            case UInt8(ascii: "\""):
                if isErrorWord(endingAt: last) { return true }
                last &+= 6
            case UInt8(ascii: "e"): last &+= 5
            case UInt8(ascii: "o"): last &+= 2
            case UInt8(ascii: "r"): last &+= 1
            default: last &+= 7
            }
        }
        return false
    }

    private func isErrorWord(endingAt last: Int) -> Bool {
        self[last - 6] == UInt8(ascii: "\"") && self[last - 5] == UInt8(ascii: "e")
            && self[last - 4] == UInt8(ascii: "r") && self[last - 3] == UInt8(ascii: "r")
            && self[last - 2] == UInt8(ascii: "o") && self[last - 1] == UInt8(ascii: "r")
    }

    /// Whether these are the bytes of a text.
    func isEqual(to text: String) -> Bool { count == text.utf8.count && elementsEqual(text.utf8) }
}
