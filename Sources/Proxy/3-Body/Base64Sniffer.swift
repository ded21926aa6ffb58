import JSONBytes

/// Distinguishes base64 files from text, so that an image isn't counted as a long prompt.
///
/// Callers choose names and types, but they can't hide a prompt this way: only values where providers expect files are
/// examined, and a provider either decodes such a value as its type says or refuses it.
enum Base64Sniffer {
    enum Content {
        /// A `data:` URI with the type of a file.
        case file
        /// Base64 without a type, or with one that may be text, whose content isn't text.
        case binary
        /// Base64 that may be text, unless the members around it say that it is a file.
        case unclear
        case text
    }

    /// Shorter files make no difference. In bytes.
    private static let leastFile = 1024
    /// The limit of a `data:` URI's part before the comma. In bytes.
    private static let longestHead = 512

    static func content(of string: JSONText) -> Content {
        guard string.raw.count >= leastFile else { return .text }
        return string.withBytes { content(of: $0) }
    }

    private static func content(of string: UnsafeRawBufferPointer) -> Content {
        let start = string.prefix(longestHead).firstIndex { $0 > 0x20 } ?? 0
        let text = UnsafeRawBufferPointer(rebasing: string[start...])
        guard text.prefix(5).elementsEqual("data:".utf8, by: UInt8.isSameLetter) else { return bareContent(of: text) }
        guard let comma = text.prefix(longestHead).firstIndex(of: UInt8(ascii: ",")) else { return .text }
        let head = text[5..<comma].withoutOuterBlanks
        guard head.suffix(7).elementsEqual(";base64".utf8, by: UInt8.isSameLetter) else { return .text }
        let data = UnsafeRawBufferPointer(rebasing: text[(comma + 1)...])
        let isFile = head.prefix { $0 != UInt8(ascii: ";") }.isFileType
        return isFile ? (isBase64(data) ? .file : .text) : bareContent(of: data)
    }

    private static func bareContent(of text: UnsafeRawBufferPointer) -> Content {
        guard text.count >= leastFile / 2, isBase64(text) else { return .text }
        return looksBinary(text) ? .binary : .unclear
    }

    /// Whether there are only base64 digits, and no more whitespace than in MIME and PEM. Prose has more.
    private static func isBase64(_ text: UnsafeRawBufferPointer) -> Bool {
        digits.withUnsafeBufferPointer { digits in
            var all: UInt8 = 0
            var blanks = 0
            for byte in text {
                let value = digits[Int(byte)]
                all |= value
                blanks &+= Int(value & 1 & (value >> 6))
            }
            return all < 128 && blanks <= text.count / 16
        }
    }

    /// The value of each byte as a base64 digit, in both alphabets of RFC 4648. Padding and the percent sign of URL
    /// escapes are 64, whitespace is 65, and all other bytes are 128.
    fileprivate static let digits: [UInt8] = {
        var digits = [UInt8](repeating: 128, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for (value, letter) in alphabet.utf8.enumerated() { digits[Int(letter)] = UInt8(value) }
        for (signs, value) in [("+-", 62), ("/_", 63), ("=%", 64), (" \t\r\n", 65)] {
            for sign in signs.utf8 { digits[Int(sign)] = UInt8(value) }
        }
        return digits
    }()
}

// MARK: - Decoded content

extension Base64Sniffer {
    /// How many digits are examined at each place.
    private static let window = 32

    /// Whether most of up to 16 places have no text. They aren't evenly spaced: in a repeating pattern, all of them
    /// could fall on the same part of it.
    private static func looksBinary(_ text: UnsafeRawBufferPointer) -> Bool {
        let places = min(16, text.count / 256)
        var texts = 0
        for place in 0..<places {
            let start = text.count / places * place + place * place % 7 * 13
            texts += isText(text, from: start) ? 1 : 0
        }
        return texts * 2 < places
    }

    private static func isText(_ text: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var values = InlineArray<32, UInt8>(repeating: 0)
        var count = 0
        var index = start
        // Bounds the search where there are many other characters.
        let end = min(text.count, start + 4 * window)
        digits.withUnsafeBufferPointer { digits in
            while count < window, index < end {
                let value = digits[Int(text[index])]
                if value < 64 {
                    values[count] = value
                    count += 1
                }
                index += 1
            }
        }
        if isProse(values, count) { return true }
        // With line breaks among the digits, any of the first four may begin a group.
        for phase in 0..<4 where decodesToText(values, from: phase, to: count) { return true }
        return false
    }

    /// Whether these digits look like prose without spaces. In compressed data, half of the letters are capitals.
    private static func isProse(_ values: InlineArray<32, UInt8>, _ count: Int) -> Bool {
        var (capitals, small, others) = (0, 0, 0)
        var isConstant = true
        for index in 0..<count {
            switch values[index] {
            case 0..<26: capitals += 1
            case 26..<52: small += 1
            default: others += 1
            }
            isConstant = isConstant && values[index] == values[0]
        }
        return !isConstant && others < count / 4 && (capitals < count / 4 || small < count / 8)
    }

    private static func decodesToText(
        _ values: InlineArray<32, UInt8>, from start: Int, to end: Int
    ) -> Bool {
        var bytes = InlineArray<24, UInt8>(repeating: 0)
        var count = 0
        for index in stride(from: start, to: end - 3, by: 4) {
            var bits: UInt32 = 0
            for offset in 0..<4 { bits = bits << 6 | UInt32(values[index + offset]) }
            for shift: UInt32 in [16, 8, 0] {
                let byte = UInt8(truncatingIfNeeded: bits >> shift)
                guard byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return false }
                bytes[count] = byte
                count += 1
            }
        }
        // The bytes may begin and end in the middle of a character.
        var first = 0
        while first < min(count, 3), bytes[first] & 0xC0 == 0x80 { first += 1 }
        for index in max(first, count - 3)..<max(first, count) where bytes[index] >= 0xC0 {
            count = index
            break
        }
        let (from, to) = (first, max(first, count))
        return withUnsafeBytes(of: bytes) { UnsafeRawBufferPointer(rebasing: $0[from..<to]).isUTF8 }
    }
}

extension BidirectionalCollection<UInt8> {
    /// Whether a media type is that of a file that no provider reads as text: not text, and not based on text.
    var isFileType: Bool {
        let type = withoutOuterBlanks
        guard type.contains(UInt8(ascii: "/")) else { return false }
        if type.prefix(5).elementsEqual("text/".utf8, by: UInt8.isSameLetter) { return false }
        let isMedia = ["image/", "audio/", "video/", "font/"].contains { (kind: StaticString) in
            type.prefix(kind.utf8CodeUnitCount).elementsEqual(kind.utf8Bytes, by: UInt8.isSameLetter)
        }
        return isMedia || !Self.textTypes.contains { type.hasWord($0) }
    }

    /// Parts of the names of types that are based on text, such as `application/ld+json` and `application/x-yaml`.
    private static var textTypes: [StaticString] {
        [
            "json", "jsonl", "ndjson", "json5", "xml", "html", "xhtml", "csv", "yaml", "toml", "javascript", "python",
            "ecmascript", "typescript", "markdown", "sql", "sh", "tex", "latex", "graphql", "php", "perl", "ruby",
            "urlencoded", "rfc822",
        ]
    }

    /// Whether one of the words in a type's name is this one.
    private func hasWord(_ word: StaticString) -> Bool {
        split {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
        .contains { $0.elementsEqual(word.utf8Bytes, by: UInt8.isSameLetter) }
    }
}
