import Testing

@testable import Digests

@Suite struct SHA256Tests {
    @Test(
        "Digests match FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func digests(text: String, digest: String) {
        #expect(Hexadecimal.encode(SHA256.digest(of: Array(text.utf8))) == digest)
    }

    @Test(
        "Authentication codes match RFC 4231",
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                Array(UInt8(1)...25), String(repeating: "\u{CD}", count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131),
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ])
    func authenticates(key: [UInt8], message: String, code: String) {
        let message = message.unicodeScalars.map { UInt8($0.value) }
        #expect(Hexadecimal.encode(HMACKey(key).code(for: message)) == code)
    }

    @Test(
        "Authentication codes with longer hashes match RFC 4231",
        arguments: [
            (
                HashFunction.sha384, Array("Jefe".utf8), "what do ya want for nothing?",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
            ),
            (
                .sha384, [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"
            ),
            (
                .sha512, Array("Jefe".utf8), "what do ya want for nothing?",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
                    + "caeab1a34d4a6b4b636e070a38bce737"
            ),
            (
                .sha512, [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e52"
                    + "95e64f73f63f0aec8b915a985d786598"
            ),
        ])
    func authenticates(hash: HashFunction, key: [UInt8], message: String, code: String) {
        #expect(Hexadecimal.encode(HMACKey(key).code(for: Array(message.utf8), with: hash)) == code)
    }

    @Test("Printing an authentication key doesn't show its bytes")
    func printsNoKey() {
        let key = HMACKey(Array("secret".utf8))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains("[key]"))
            #expect(!text.contains("secret") && !text.contains("115"))
        }
    }

    @Test("Bytes are equal only if all of them are, and none is missing")
    func compares() {
        let digest = SHA256.digest(of: [])
        #expect(digest.isEqualInConstantTime(to: SHA256.digest(of: [])))
        #expect([UInt8]().isEqualInConstantTime(to: []))
        #expect(!digest.isEqualInConstantTime(to: digest + [0]))
        #expect(!digest.isEqualInConstantTime(to: []))
        for index in digest.indices {
            var other = digest
            other[index] ^= 1
            #expect(!digest.isEqualInConstantTime(to: other))
        }
    }

    @Test("Random bytes have the requested length, and are never the same")
    func drawsRandomBytes() {
        #expect([UInt8].random(count: 0).isEmpty)
        let drawn = (0..<100).map { _ in [UInt8].random(count: 32) }
        #expect(drawn.allSatisfy { $0.count == 32 })
        #expect(Set(drawn).count == 100)
    }
}
