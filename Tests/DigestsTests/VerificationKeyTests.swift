import COpenSSL
import Testing

@testable import Digests

@Suite struct VerificationKeyTests {
    @Test("The signature of RFC 6979, appendix A.2.5, is verified, and no other number in its place")
    func verifiesECDSA() throws {
        let key = try Self.p256()
        let (r, s) = (Self.r, Self.s)
        #expect(key.verifies(r + s, of: Self.sample, as: .ecdsa(.p256)))
        let zero = [UInt8](repeating: 0, count: 32)
        let order = try #require(
            Hexadecimal.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551".utf8))
        let most = [UInt8](repeating: 0xFF, count: 32)
        for wrong in [zero, order, most, r.dropLast() + [r[31] ^ 1]] {
            #expect(!key.verifies(wrong + s, of: Self.sample, as: .ecdsa(.p256)))
            #expect(!key.verifies(r + wrong, of: Self.sample, as: .ecdsa(.p256)))
            #expect(!key.verifies(wrong + wrong, of: Self.sample, as: .ecdsa(.p256)))
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test("A signature of another length is refused, and so is DER")
    func wantsExactLengths() throws {
        let (key, signature) = (try Self.p256(), Self.r + Self.s)
        let der = try #require(ECDSASignature.der(signature, .p256))
        #expect(der.count == 72 && der[..<5] == [0x30, 0x46, 2, 0x21, 0])
        for wrong in [[], signature.dropLast(), signature + [0], [0] + signature, Self.r, der] {
            #expect(!key.verifies(Array(wrong), of: Self.sample, as: .ecdsa(.p256)))
        }
    }

    @Test("DER drops zeros in front, keeps numbers positive, and needs a long length for P-521")
    func writesDER() {
        let small = [UInt8](repeating: 0, count: 31) + [1]
        #expect(ECDSASignature.der(small + small, .p256) == [0x30, 6, 2, 1, 1, 2, 1, 1])
        let high = [UInt8](repeating: 0, count: 31) + [0x80]
        #expect(ECDSASignature.der(high + small, .p256) == [0x30, 7, 2, 2, 0, 0x80, 2, 1, 1])
        let large = [1] + [UInt8](repeating: 0xFF, count: 65)
        #expect(ECDSASignature.der(large + large, .p521)?[..<6] == [0x30, 0x81, 136, 2, 66, 1])
    }

    @Test("The signature of RFC 8032, section 7.1, test 3, is verified, and none with another bit")
    func verifiesEd25519() throws {
        let bytes = try #require(
            Hexadecimal.decode("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025".utf8))
        let signature = try #require(
            Hexadecimal.decode(
                ("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                    + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a").utf8))
        let key = try #require(PublicKey(ed25519: bytes).flatMap(VerificationKey.init))
        #expect(key.verifies(signature, of: [0xAF, 0x82], as: .ed25519))
        #expect(!key.verifies(signature, of: [0xAF, 0x83], as: .ed25519))
        #expect(!key.verifies(signature, of: [], as: .ed25519))
        for index in signature.indices {
            var other = signature
            other[index] ^= 1
            #expect(!key.verifies(other, of: [0xAF, 0x82], as: .ed25519))
        }
        for count in [0, 1, 63, 65, 128] {
            let wrong = Array((signature + signature + signature).prefix(count))
            #expect(!key.verifies(wrong, of: [0xAF, 0x82], as: .ed25519))
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test("A key verifies only with a scheme of its own type and curve")
    func keepsToItsScheme() throws {
        let key = try Self.p256()
        let others: [SignatureScheme] = [
            .rsaPKCS1(.sha256), .rsaPSS(.sha256), .ecdsa(.p384), .ecdsa(.p521), .ed25519,
        ]
        for scheme in others { #expect(!key.verifies(Self.r + Self.s, of: Self.sample, as: scheme)) }
    }

    @Test("RSA keys that are too short or too long, or have an exponent that makes them useless, are refused")
    func limitsRSA() {
        let modulus = { (bytes: Int) in [0x80] + [UInt8](repeating: 0, count: bytes - 2) + [1] }
        let usual: [UInt8] = [1, 0, 1]
        for count in [256, 384, 512, 1024] {
            #expect(PublicKey(rsaModulus: modulus(count), exponent: usual) != nil)
            #expect(PublicKey(rsaModulus: [0] + modulus(count), exponent: [0] + usual) != nil)
        }
        for count in [128, 255, 1025, 100_000] {
            #expect(PublicKey(rsaModulus: modulus(count), exponent: usual) == nil)
        }
        let bits2047 = [0x7F] + Array(modulus(256).dropFirst())
        let even = Array(modulus(256).dropLast()) + [2]
        let useless: [[UInt8]] = [[], [0], bits2047, even]
        for wrong in useless { #expect(PublicKey(rsaModulus: wrong, exponent: usual) == nil) }

        let most = [UInt8](repeating: 0xFF, count: 8)
        for exponent in [[3], usual, most] { #expect(PublicKey(rsaModulus: modulus(256), exponent: exponent) != nil) }
        for exponent in [[], [0], [1], [0, 1], [2], [4], [1, 0, 0], [1] + most, most + [1]] {
            #expect(PublicKey(rsaModulus: modulus(256), exponent: exponent) == nil)
        }
    }

    @Test("A point with another length, or one that isn't on its curve, makes no key")
    func checksPoints() throws {
        for curve in [EllipticCurve.p256, .p384, .p521] {
            let ones = [UInt8](repeating: 1, count: curve.length)
            let zeros = [UInt8](repeating: 0, count: curve.length)
            let most = [UInt8](repeating: 0xFF, count: curve.length)
            for (x, y) in [(ones, ones), (zeros, zeros), (most, most)] {
                #expect(VerificationKey(try #require(PublicKey(curve, x: x, y: y))) == nil)
            }
            for wrong in [[], ones.dropLast(), ones + [1], [0] + ones] {
                #expect(PublicKey(curve, x: Array(wrong), y: ones) == nil)
                #expect(PublicKey(curve, x: ones, y: Array(wrong)) == nil)
            }
        }
        for count in [0, 31, 33, 64] {
            #expect(PublicKey(ed25519: [UInt8](repeating: 1, count: count)) == nil)
        }
        #expect(ERR_peek_error() == 0)
    }

    private static let sample = Array("sample".utf8)
    private static let r = hexadecimal("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716")
    private static let s = hexadecimal("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")

    private static func p256() throws -> VerificationKey {
        let x = hexadecimal("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
        let y = hexadecimal("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
        return try #require(PublicKey(.p256, x: x, y: y).flatMap(VerificationKey.init))
    }

    private static func hexadecimal(_ digits: String) -> [UInt8] { Hexadecimal.decode(digits.utf8) ?? [] }
}
