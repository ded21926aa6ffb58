import COpenSSL

/// SHA-256: FIPS 180-4.
package enum SHA256 {
    /// In bytes.
    package static let length = 32

    /// The digest of some bytes.
    package static func digest(of bytes: [UInt8]) -> [UInt8] {
        Array(unsafeUninitializedCapacity: length) { digest, count in
            // Not EVP_Digest: its first call loads the tables of all algorithms, a third of a start's instructions.
            var state = SHA256_CTX()
            SHA256_Init(&state)
            SHA256_Update(&state, bytes, bytes.count)
            SHA256_Final(digest.baseAddress, &state)
            count = length
        }
    }
}

/// A key for HMAC with SHA-256: RFC 2104. Prints without its bytes.
package struct HMACKey: Sendable {
    private let bytes: [UInt8]

    /// - Parameter bytes: any number of them. More than 64 are hashed first, as the RFC says.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The code that only a holder of the key can make of a message: 32 bytes.
    package func code(for message: [UInt8]) -> [UInt8] {
        Array(unsafeUninitializedCapacity: SHA256.length) { code, count in
            let made = HMAC(
                LibCrypto.sha256, bytes, Int32(bytes.count), message, message.count, code.baseAddress, nil)
            precondition(made != nil, "libcrypto could not compute an HMAC")
            count = SHA256.length
        }
    }
}

extension HMACKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[key]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
    /// Compares in a time that depends on the lengths only, so that it tells nothing about where the bytes differ.
    package func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        count == other.count && CRYPTO_memcmp(self, other, count) == 0
    }

    /// Unpredictable bytes, for keys.
    package static func random(count: Int) -> [UInt8] {
        LibCrypto.start
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, made in
            precondition(RAND_bytes(bytes.baseAddress, Int32(count)) == 1, "the system gives no random bytes")
            made = count
        }
    }
}

/// OpenSSL's libcrypto, which libcurl needs for TLS anyway.
enum LibCrypto {
    /// Looked up once: by default each hash looks its algorithm up again. It lives as long as the process.
    nonisolated(unsafe) static let sha256: OpaquePointer = {
        start
        // No input has a part in it: libcrypto is linked in, and its own provider has SHA-256.
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
            fatalError("OpenSSL's libcrypto has no SHA-256: its default provider did not load")
        }
        return algorithm
    }()

    /// To be named before anything else is called: the first call of libcrypto reads openssl.cnf unless told not to.
    static let start: Void = {
        let isStarted = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
        precondition(isStarted == 1, "OpenSSL's libcrypto does not start")
    }()
}
