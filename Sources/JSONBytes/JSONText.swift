/// A JSON string in place: the bytes between its quotes. Its escapes are known to be valid.
@usableFromInline package struct JSONText {
    /// The bytes as written, with escapes.
    package let raw: UnsafeRawBufferPointer
    package let hasEscapes: Bool

    /// In UTF-8, without escapes.
    package var bytes: [UInt8] { hasEscapes ? unescaped : Array(raw) }

    /// Doesn't copy a string without escapes.
    package func withBytes<Result>(_ read: (UnsafeRawBufferPointer) -> Result) -> Result {
        hasEscapes ? unescaped.withUnsafeBytes(read) : read(raw)
    }

    /// The first bytes as written: `count`, or a few more so that no escape is cut.
    package func beginning(_ count: Int) -> JSONText {
        guard hasEscapes else { return JSONText(raw: .init(rebasing: raw.prefix(count)), hasEscapes: false) }
        var end = 0
        while end < min(count, raw.count) {
            let isEscape = raw[end] == UInt8(ascii: "\\")
            end += isEscape ? (raw[end + 1] == UInt8(ascii: "u") ? 6 : 2) : 1
        }
        return JSONText(raw: .init(rebasing: raw[..<end]), hasEscapes: true)
    }

    private var unescaped: [UInt8] {
        // No escape stands for more bytes than it has itself. The room at the end is for words that are copied whole.
        Array(unsafeUninitializedCapacity: raw.count + 8) { output, count in
            count = raw.unescape(to: UnsafeMutableRawBufferPointer(output))
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Writes the content of a string with its escapes resolved.
    /// - Parameter output: at least eight bytes longer than this buffer.
    /// - Returns: how many bytes were written.
    fileprivate func unescape(to output: UnsafeMutableRawBufferPointer) -> Int {
        var (read, write) = (0, 0)
        while read < count {
            let plain = copyWord(from: read, to: output, at: write)
            read &+= plain
            write &+= plain
            guard read < count, self[read] == UInt8(ascii: "\\") else { continue }
            if let byte = Self.meaning(ofEscape: self[read &+ 1]) {
                output[write] = byte
                read &+= 2
                write &+= 1
            } else {
                let (scalar, length) = unicodeEscape(at: read)
                read &+= length
                write &+= Self.write(scalar ?? "\u{FFFD}", to: output, at: write)
            }
        }
        return write
    }

    /// Copies up to eight bytes, and stops before a backslash.
    private func copyWord(from read: Int, to output: UnsafeMutableRawBufferPointer, at write: Int) -> Int {
        guard read &+ 8 <= count else {
            guard self[read] != UInt8(ascii: "\\") else { return 0 }
            output[write] = self[read]
            return 1
        }
        let word = loadUnaligned(fromByteOffset: read, as: UInt64.self)
        output.storeBytes(of: word, toByteOffset: write, as: UInt64.self)
        return Self.offset(of: UInt8(ascii: "\\"), in: word)
    }

    /// The scalar of an escape `\uXXXX` or of a surrogate pair, nil for an unpaired surrogate; and the length of the
    /// escape in bytes.
    func unicodeEscape(at index: Int) -> (Unicode.Scalar?, length: Int) {
        let unit = hexadecimal(at: index &+ 2) ?? 0xFFFD
        if unit & 0xFC00 == 0xD800, index &+ 12 <= count, self[index &+ 6] == UInt8(ascii: "\\"),
            self[index &+ 7] == UInt8(ascii: "u"), let low = hexadecimal(at: index &+ 8), low & 0xFC00 == 0xDC00,
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        {
            return (scalar, 12)
        }
        return (Unicode.Scalar(unit), 6)
    }

    private static func write(
        _ scalar: Unicode.Scalar, to output: UnsafeMutableRawBufferPointer, at index: Int
    ) -> Int {
        if scalar.isASCII {
            output[index] = UInt8(truncatingIfNeeded: scalar.value)
            return 1
        }
        var count = 0
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            output[index &+ count] = byte
            count &+= 1
        }
        return count
    }

    /// The byte that a one-letter escape stands for; nil for all other escapes.
    static func meaning(ofEscape byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: nil
        }
    }

    /// The value of four hexadecimal digits, which must be within the text.
    func hexadecimal(at start: Int) -> UInt32? {
        var value: UInt32 = 0
        for index in start..<start &+ 4 {
            let byte = self[index]
            let letter = byte | 0x20
            if byte &- UInt8(ascii: "0") < 10 {
                value = value << 4 | UInt32(byte &- UInt8(ascii: "0"))
            } else if letter &- UInt8(ascii: "a") < 6 {
                value = value << 4 | UInt32(letter &- UInt8(ascii: "a") &+ 10)
            } else {
                return nil
            }
        }
        return value
    }
}

/// The name of a member. It is compared by its bytes, because Swift's time for comparing or hashing a non-ASCII
/// `String` grows with the square of the number of combining marks.
@usableFromInline package struct JSONKey: Sendable {
    /// In UTF-8, without escapes.
    @usableFromInline package let bytes: ArraySlice<UInt8>

    /// For names that are kept or shown.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Most names differ in their lengths, which are compared without a call.
    @inlinable package static func == (key: JSONKey, name: StaticString) -> Bool {
        key.bytes.count == name.utf8CodeUnitCount && key.hasBytes(of: name)
    }

    @inlinable package static func ~= (name: StaticString, key: JSONKey) -> Bool { key == name }

    /// - Parameter name: as long as this one.
    @usableFromInline func hasBytes(of name: StaticString) -> Bool {
        // `elementsEqual` is ten times as slow, because it isn't specialized.
        let start = bytes.startIndex
        for offset in 0..<name.utf8CodeUnitCount where bytes[start + offset] != name.utf8Start[offset] { return false }
        return true
    }
}
