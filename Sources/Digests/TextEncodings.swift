import COpenSSL
import Glibc

/// Base64 with the alphabet of RFC 4648, section 4 (`+` and `/`), padded with `=`.
package enum Base64 {
    /// - Parameter bytes: at most 1 GB.
    package static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encoded(bytes[...]), as: UTF8.self)
    }

    /// Decodes strictly: white space, missing padding and bits set after the last byte are refused, so each value has
    /// only one encoding.
    ///
    /// - Parameter text: at most 1 GB.
    /// - Returns: nil if the text is anything else.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        guard isFreeOfPadding(text.dropLast(padding)) else { return nil }
        guard var bytes = decodedGroups(text) else { return nil }
        bytes.removeLast(padding)
        let end = bytes.count - (3 - padding) % 3
        return padding == 0 || encoded(bytes[end...]) == Array(text.suffix(4)) ? bytes : nil
    }

    /// libcrypto reads padding anywhere as zeros. This uses memchr, because bodies have megabytes, and a loop would
    /// take a third of the whole time.
    private static func isFreeOfPadding(_ text: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBytes { text in
            text.baseAddress.map { memchr($0, Int32(UInt8(ascii: "=")), text.count) == nil } ?? true
        }
    }

    /// Three bytes for each four characters. The padding is decoded to bytes, too.
    private static func decodedGroups(_ text: [UInt8]) -> [UInt8]? {
        let expected = text.count / 4 * 3
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: expected) { bytes, count in
            let made = EVP_DecodeBlock(bytes.baseAddress, text, Int32(text.count))
            // EVP_DecodeBlock skips white space at both ends, and then returns fewer bytes.
            isWhole = Int(made) == expected
            count = isWhole ? expected : 0
        }
        return isWhole ? bytes : nil
    }

    private static func encoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let length = (bytes.count + 2) / 3 * 4
        // One more byte for the NUL that libcrypto writes after the text.
        return [UInt8](unsafeUninitializedCapacity: length + 1) { text, count in
            bytes.withUnsafeBufferPointer { bytes in
                _ = EVP_EncodeBlock(text.baseAddress, bytes.baseAddress, Int32(bytes.count))
            }
            count = length
        }
    }
}

/// Bytes as hexadecimal digits.
package enum Hexadecimal {
    /// Two lower-case digits for each byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        let digits: StaticString = "0123456789abcdef"
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = digits.utf8Start[Int(byte >> 4)]
                text[2 * index + 1] = digits.utf8Start[Int(byte & 15)]
            }
            return 2 * bytes.count
        }
    }

    /// Accepts digits of either case, two for each byte. Nil if the text is anything else.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let digits = text.compactMap(value)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// The value of one digit; nil if it isn't a digit.
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
