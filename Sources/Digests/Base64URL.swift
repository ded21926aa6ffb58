/// Base64 with the alphabet of RFC 4648, section 5 (`-` and `_`), without padding: RFC 7515, section 2.
@usableFromInline package enum Base64URL {
    /// Decodes strictly, as `Base64` does: padding, white space and bits set after the last byte are refused.
    ///
    /// - Parameter text: at most 1 GB.
    /// - Returns: nil if the text is anything else.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var padded: [UInt8] = []
        padded.reserveCapacity(text.count + 3)
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): padded.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): padded.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: padded.append(byte)
            }
        }
        while !padded.count.isMultiple(of: 4) { padded.append(UInt8(ascii: "=")) }
        return Base64.decode(padded)
    }

    /// Whether a byte is in the alphabet.
    @inlinable package static func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
