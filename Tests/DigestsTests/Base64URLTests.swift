import Testing

@testable import Digests

@Suite struct Base64URLTests {
    @Test("All bytes and all lengths decode to what was encoded")
    func decodes() {
        for count in 0...300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            #expect(Base64URL.decode(Self.text(of: bytes)[...]) == bytes)
        }
        #expect(Base64URL.decode(Array("-_-_".utf8)[...]) == [0xFB, 0xFF, 0xBF])
    }

    @Test(
        "Text that isn't valid base64url as a whole isn't decoded",
        arguments: [
            // Lengths and padding.
            "Z", "Zm9vY", "Zg==", "Zm8=", "Zg=", "Zm9v=", "Zm9v====", "=", "==", "=Zg", "Z=g",
            // White space and line ends.
            " Zm9v", "Zm9v ", "Zm9v\n", "\nZm9v", "Zm 9v", "Zm9v\r\n", " ", "    ", "Zm9\n", "Zm\n", "Zg  ",
            // Other alphabets.
            "Zm9+", "Zm/v", "Zm9!", "Zm9\0", "\0\0\0\0", "Zm9.", "Zmé",
            // Bits after the last byte.
            "Zh", "Zi", "Z_", "Zm9", "Zm-", "QUJ",
        ])
    func refuses(text: String) {
        #expect(Base64URL.decode(Array(text.utf8)[...]) == nil)
    }

    @Test("Exactly the bytes of the alphabet can be in a text")
    func knowsItsAlphabet() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<4 {
                var text = Array("QUFB".utf8)
                text[place] = byte
                #expect((Base64URL.decode(text[...]) != nil) == Base64URL.contains(byte))
            }
        }
    }

    private static func text(of bytes: [UInt8]) -> [UInt8] {
        Base64.encode(bytes).utf8.filter { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
    }
}
