import COpenSSL

/// OpenSSL's libcrypto, which libcurl needs for TLS anyway.
enum LibCrypto {
    /// Looked up once: by default each hash looks its algorithm up again. It lives as long as the process.
    nonisolated(unsafe) static let sha256: OpaquePointer = {
        start
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
