/// The numbers of a public key, with lengths that are known to be acceptable.
package enum PublicKey: Sendable, Equatable {
    /// Big-endian, without zero bytes in front.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// A point, perhaps not on the curve. Each coordinate is as long as the curve's.
    case ellipticCurve(EllipticCurve, x: [UInt8], y: [UInt8])
    /// 32 bytes.
    case ed25519([UInt8])

    /// - Parameters:
    ///   - modulus: odd, of 2048 to 8192 bits. Fewer can be factored (RFC 7518, section 3.3), and more take too long.
    ///   - exponent: odd, from 3 to 2^64. With an exponent of 1, each message would be its own signature.
    package init?(rsaModulus modulus: [UInt8], exponent: [UInt8]) {
        // Some issuers put a zero byte in front: RFC 7518, section 6.3.1.1.
        let (modulus, exponent) = (modulus.drop { $0 == 0 }, exponent.drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard (2048...8192).contains(bits), modulus.isOdd, exponent.isOdd, exponent.count <= 8,
            Array(exponent) != [1]
        else { return nil }
        self = .rsa(modulus: Array(modulus), exponent: Array(exponent))
    }

    /// - Parameters:
    ///   - x: as long as the curve's coordinates, even if it begins with zeros (RFC 7518, section 6.2.1.2).
    ///   - y: just as long.
    package init?(_ curve: EllipticCurve, x: [UInt8], y: [UInt8]) {
        guard x.count == curve.length, y.count == curve.length else { return nil }
        self = .ellipticCurve(curve, x: x, y: y)
    }

    /// - Parameter bytes: the key as RFC 8032, section 5.1.5, encodes it.
    package init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self = .ed25519(bytes)
    }
}

/// A curve of FIPS 186-4, appendix D.1.2, under its name in RFC 7518 and in libcrypto.
package enum EllipticCurve: String, Sendable {
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"

    /// Of a coordinate, and of each number in a signature. In bytes.
    package var length: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// The hash function that RFC 7518, section 3.4, pairs with this curve.
    var hash: HashFunction {
        switch self {
        case .p256: .sha256
        case .p384: .sha384
        case .p521: .sha512
        }
    }
}

extension ArraySlice<UInt8> {
    /// Whether the number with these big-endian bytes is odd.
    fileprivate var isOdd: Bool { last.map { $0 & 1 == 1 } ?? false }
}
