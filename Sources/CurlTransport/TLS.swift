import CCurl

/// Which certificate authorities are trusted. Named in the environment as OpenSSL has it.
package struct CertificateStore: Equatable, Sendable {
    /// All authorities in one file, which is read as a whole: on Debian 20 ms and 2 MB of memory.
    private let file: String?
    /// A file for each authority, named by hash (`openssl rehash`): only the one that is needed is read.
    private let folder: String?

    /// Reads `SSL_CERT_FILE` and `SSL_CERT_DIR`. With neither, libcurl looks where it was built to look.
    package init(_ environment: [String: String]) {
        file = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        folder = environment["SSL_CERT_DIR"].flatMap { $0.isEmpty ? nil : $0 }
    }

    func apply(to easy: UnsafeMutableRawPointer) {
        guard file != nil || folder != nil else { return }
        ccurl_set_string(easy, CURLOPT_CAINFO, file)
        ccurl_set_string(easy, CURLOPT_CAPATH, folder)
    }
}

/// The TLS sessions of all transfers. Of itself libcurl forgets them with each transfer, and a new connection to a
/// server that is known would cost a whole handshake.
final class SharedSessions {
    private let share: UnsafeMutableRawPointer

    /// Nil if memory is exhausted.
    init?() {
        guard let share = curl_share_init() else { return nil }
        self.share = share
        ccurl_share(share, CURL_LOCK_DATA_SSL_SESSION)
    }

    /// Only when no transfer uses it any more.
    deinit { curl_share_cleanup(share) }

    func apply(to easy: UnsafeMutableRawPointer) { ccurl_set_pointer(easy, CURLOPT_SHARE, share) }
}
