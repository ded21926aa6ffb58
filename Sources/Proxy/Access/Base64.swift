import JSONBytes

/// Tells files in base64 from text, so that a picture isn't taken for a long prompt.
///
/// Only by what it decodes to. A caller chooses names and types, but a provider that decodes `data:image/png` to prose
/// refuses it, and one that takes prose as it is written gets no base64.
enum Base64 {
    /// Shorter ones make no difference. In bytes.
    private static let leastFile = 1024

    /// Whether a string is a file in base64, be it a `data:` URI or bare.
    static func isFile(_ string: JSONText) -> Bool {
        guard string.raw.count >= leastFile else { return false }
        return string.hasEscapes ? string.bytes.withUnsafeBytes { isFile($0) } : isFile(string.raw)
    }

    private static func isFile(_ string: UnsafeRawBufferPointer) -> Bool {
        let text = UnsafeRawBufferPointer(rebasing: string[startOfData(in: string)...])
        guard text.count >= leastFile / 2, text.allSatisfy({ digits[Int($0)] <= 64 }) else { return false }
        let windows = (0..<16).map { text.count / 16 * $0 & ~3 }
        let texts = windows.filter { isText(UnsafeRawBufferPointer(rebasing: text[$0..<$0 + window])) }
        return texts.count < windows.count / 2
    }

    /// Behind `data:image/png;base64,`, or at the beginning.
    private static func startOfData(in string: UnsafeRawBufferPointer) -> Int {
        let head = string.prefix(longestHead)
        guard head.starts(with: "data:".utf8), let comma = head.firstIndex(of: UInt8(ascii: ",")) else { return 0 }
        return head[..<comma].suffix(7).elementsEqual(";base64".utf8) ? comma + 1 : string.count
    }

    /// Of a `data:` URI up to its comma. In bytes.
    private static let longestHead = 256
    /// How much is looked at in each of 16 places. In digits.
    private static let window = 32

    /// Whether these digits are prose without blanks, or stand for text. Of the digits of what was compressed, half are
    /// capitals.
    private static func isText(_ text: UnsafeRawBufferPointer) -> Bool {
        let capitals = text.count { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        let small = text.count { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        let isConstant = text.allSatisfy { $0 == text[0] }
        if !isConstant, capitals < window / 4 || small < window / 8 { return true }
        let bytes = decoded(text)
        // A window may begin and end within a character.
        let whole = bytes.drop { $0 & 0xC0 == 0x80 }
        let end = whole.suffix(3).lastIndex { $0 >= 0xC0 } ?? whole.endIndex
        let text = whole[..<end]
        let isPlain = text.allSatisfy { $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }
        return isPlain && bytes.count - whole.count < 4 && text.withUnsafeBytes { $0.isUTF8 }
    }

    private static func decoded(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        for (index, digit) in text.enumerated() {
            bits = bits << 6 | UInt32(digits[Int(digit)] & 63)
            guard index % 4 == 3 else { continue }
            for shift in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
        }
        return bytes
    }

    /// What each byte stands for, in both alphabets (RFC 4648); 64 for what pads, 255 for all others.
    private static let digits: [UInt8] = {
        var digits = [UInt8](repeating: 255, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for (value, letter) in alphabet.utf8.enumerated() { digits[Int(letter)] = UInt8(value) }
        for (signs, value) in [("+-", 62), ("/_", 63), ("=", 64)] {
            for sign in signs.utf8 { digits[Int(sign)] = UInt8(value) }
        }
        return digits
    }()
}
