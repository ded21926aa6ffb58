/// ECDSA signatures in two forms: r and s one after the other (RFC 7518, section 3.4), and DER, which libcrypto takes.
enum ECDSASignature {
    /// - Parameter signature: r and s, each as long as the curve's coordinates.
    /// - Returns: nil if the length is wrong, or r or s is zero. libcrypto refuses numbers that are too large.
    static func der(_ signature: [UInt8], _ curve: EllipticCurve) -> [UInt8]? {
        guard signature.count == 2 * curve.length,
            let r = integer(signature.prefix(curve.length)), let s = integer(signature.suffix(curve.length))
        else { return nil }
        return element(0x30, r + s)
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let digits = bytes.drop { $0 == 0 }
        guard let first = digits.first else { return nil }
        // A number whose first bit is set would be negative.
        return element(2, (first & 0x80 == 0 ? [] : [0]) + digits)
    }

    /// An element of less than 256 bytes: X.690, section 8.1. Lengths from 128 on need a second byte.
    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag] + (content.count < 128 ? [] : [0x81]) + [UInt8(content.count)] + content
    }
}
