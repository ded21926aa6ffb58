extension BidirectionalCollection<UInt8> {
    /// Without the blanks, tabs and line ends at both ends: HTTP takes none of them for a part of a header field's value.
    package var withoutOuterBlanks: SubSequence {
        guard let first = firstIndex(where: { !$0.isWhiteSpace }), let last = lastIndex(where: { !$0.isWhiteSpace })
        else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// Whether two letters differ in their case at most.
    static func isSameLetter(_ byte: UInt8, _ lowercase: UInt8) -> Bool {
        byte == lowercase || (0x41...0x5A).contains(byte) && byte | 0x20 == lowercase
    }

    /// A blank, a tab or a line end.
    var isWhiteSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
