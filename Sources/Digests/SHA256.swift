import COpenSSL

/// SHA-256: FIPS 180-4.
package enum SHA256 {
    /// In bytes.
    package static let length = 32

    package static func digest(of bytes: [UInt8]) -> [UInt8] {
        Array(unsafeUninitializedCapacity: length) { digest, count in
            // EVP_Digest isn't used: its first call loads the tables of all algorithms, a third of a cold start's
            // instructions.
            var state = SHA256_CTX()
            SHA256_Init(&state)
            SHA256_Update(&state, bytes, bytes.count)
            SHA256_Final(digest.baseAddress, &state)
            count = length
        }
    }
}

/// A key for HMAC: RFC 2104. Its bytes are never printed.
package struct HMACKey: Sendable {
    private let bytes: [UInt8]

    /// - Parameter bytes: any number of bytes. More than a block of the hash function are hashed first, as the RFC
    ///   says.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The authentication code of a message, as long as a digest. Only a holder of the key can compute it.
    package func code(for message: [UInt8], with hash: HashFunction = .sha256) -> [UInt8] {
        Array(unsafeUninitializedCapacity: hash.length) { code, count in
            let made = HMAC(
                hash.algorithm, bytes, Int32(bytes.count), message, message.count, code.baseAddress, nil)
            precondition(made != nil, "libcrypto could not compute an HMAC")
            count = hash.length
        }
    }
}

extension HMACKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[key]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
    /// Compares in a time that depends only on the lengths, so it doesn't reveal where the bytes differ.
    package func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        count == other.count && CRYPTO_memcmp(self, other, count) == 0
    }

    /// Cryptographically secure random bytes, for keys.
    package static func random(count: Int) -> [UInt8] {
        LibCrypto.start
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, made in
            precondition(RAND_bytes(bytes.baseAddress, Int32(count)) == 1, "the system returned no random bytes")
            made = count
        }
    }
}

/// OpenSSL's libcrypto, which libcurl needs for TLS anyway.
enum LibCrypto {
    /// Fetched once, because otherwise each hash fetches its algorithm again. Never freed.
    nonisolated(unsafe) static let sha256 = fetch(.sha256)
    nonisolated(unsafe) static let sha384 = fetch(.sha384)
    nonisolated(unsafe) static let sha512 = fetch(.sha512)

    private static func fetch(_ hash: HashFunction) -> OpaquePointer {
        start
        // Doesn't depend on input: libcrypto is linked in, and its own provider has these functions.
        guard let algorithm = EVP_MD_fetch(nil, hash.rawValue, nil) else {
            fatalError("OpenSSL's libcrypto has no \(hash.rawValue): its default provider did not load")
        }
        return algorithm
    }

    /// Must be accessed before any call to libcrypto: without this option, the first call reads openssl.cnf.
    static let start: Void = {
        let isStarted = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
        precondition(isStarted == 1, "OpenSSL's libcrypto could not be initialized")
    }()
}
