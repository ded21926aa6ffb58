extension UInt8 {
    @inlinable package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// Whether it is an ASCII letter.
    @inlinable package var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}

extension String {
    /// The scalars of a text on one line: white space and control characters between words become one space, and those
    /// around the text are left out.
    package init(oneLine scalars: some Sequence<Unicode.Scalar>) {
        var text = String.UnicodeScalarView()
        var isBehindBlank = true
        for scalar in scalars {
            let isBlank = scalar.value <= 0x20 || (0x7F...0x9F).contains(scalar.value)
            if !isBlank { text.append(scalar) } else if !isBehindBlank { text.append(" ") }
            isBehindBlank = isBlank
        }
        if isBehindBlank, !text.isEmpty { text.removeLast() }
        self.init(text)
    }
}
