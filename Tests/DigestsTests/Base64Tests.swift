import FoundationEssentials
import Testing

@testable import Digests

@Suite struct Base64Tests {
    @Test(
        "RFC 4648's examples",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func codes(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(Array(text.utf8)) == Array(plain.utf8))
    }

    @Test("All bytes and all lengths match Foundation's encoding and decoding")
    func agreesWithFoundation() {
        for count in 0...300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(bytes) == text)
            #expect(Base64.decode(Array(text.utf8)) == bytes)
        }
    }

    @Test(
        "Text that isn't valid base64 as a whole isn't decoded",
        arguments: [
            // Lengths and padding.
            "Z", "Zg", "Zg=", "Zm8", "Zm9vYg", "Zm9v=", "Zm9vZ===", "====", "=", "==", "===", "Z===", "=Zg=", "Zg=v",
            "Zm=v", "Z=8=", "Zg==Zg==", "Zm8=Zm8=", "Zg==Zm9v", "Zm9vZg===", "A=AA", "=AAA", "AA=A", "AAAA====",
            // White space and line ends, at the ends and inside.
            " Zm9v", "Zm9v ", "Zm9v\n", "\nZm9v", "Zm9v\r\n", "Zm 9v", "Zm9v\nZm9v", "    Zm9v", "Zm9v    ",
            "Zm9v\n\n\n\n", "    ", "\t\t\t\tZm9v", "Zg==\n\n\n\n", "Zg= =",
            // Other alphabets, and the terminator of old mail formats.
            "Zm9-", "Zm_v", "----", "Zm9v----", "-Zm9", "Zm9v-   ", "Zm9!", "Zm9\0", "\0\0\0\0", "Zm9.", "Zmé",
            // Bits after the last byte.
            "Zh==", "Zi==", "Z/==", "Zm9=", "Zm+=", "QUJ=",
        ])
    func refuses(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test("Text with any byte replaced is base64 only if the new byte is in the alphabet")
    func knowsItsAlphabet() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for byte in UInt8.min...UInt8.max {
            for place in 0..<8 {
                var text = Array("QUFBQUFB".utf8)
                text[place] = byte
                // Padding is valid in the last place, after a group without spare bits.
                let isPadding = byte == UInt8(ascii: "=") && place == 7 && text[6] == UInt8(ascii: "E")
                #expect((Base64.decode(text) != nil) == (alphabet.contains(byte) || isPadding))
            }
        }
    }

    @Test("Each byte is two hexadecimal digits, in either case")
    func readsHexadecimal() {
        let bytes = Array(UInt8.min...UInt8.max)
        let text = Hexadecimal.encode(bytes)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(Hexadecimal.decode(text.utf8) == bytes)
        #expect(Hexadecimal.decode(text.uppercased().utf8) == bytes)
        #expect(Hexadecimal.decode("".utf8) == [])
        for bad in ["0", "0g", "g0", "0x00", " 00", "00 ", "é", "００"] { #expect(Hexadecimal.decode(bad.utf8) == nil) }
    }
}
