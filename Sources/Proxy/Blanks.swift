extension BidirectionalCollection<UInt8> {
    /// Without the blanks, tabs and line ends at both ends: HTTP takes none of them for a part of a header field's value.
    package var withoutOuterBlanks: SubSequence {
        guard let first = firstIndex(where: { !$0.isBlank }), let last = lastIndex(where: { !$0.isBlank }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}
