import COpenSSL

/// A hash function of FIPS 180-4, under the name that libcrypto has for it.
package enum HashFunction: String, Sendable {
    case sha256 = "SHA256"
    case sha384 = "SHA384"
    case sha512 = "SHA512"

    /// Of a digest, in bytes.
    package var length: Int {
        switch self {
        case .sha256: SHA256.length
        case .sha384: 48
        case .sha512: 64
        }
    }

    var algorithm: OpaquePointer {
        switch self {
        case .sha256: LibCrypto.sha256
        case .sha384: LibCrypto.sha384
        case .sha512: LibCrypto.sha512
        }
    }
}
