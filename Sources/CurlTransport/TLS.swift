import CCurl

/// The trusted certificate authorities, from OpenSSL's environment variables.
package struct CertificateStore: Equatable, Sendable {
    /// One file with all authorities, which is read as a whole: 20 ms and 2 MB of memory on Debian.
    private let file: String?
    /// A folder with a file for each authority, named by hash (`openssl rehash`): only the needed one is read.
    private let folder: String?

    /// Reads `SSL_CERT_FILE` and `SSL_CERT_DIR`. If neither is set, libcurl uses its built-in locations.
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

/// The TLS session cache of all transfers. By default libcurl keeps sessions per transfer, so a new connection to a
/// known server would need a full handshake.
final class SharedSessions {
    private let share: UnsafeMutableRawPointer

    /// Nil if memory is exhausted.
    init?() {
        guard let share = curl_share_init() else { return nil }
        self.share = share
        ccurl_share(share, CURL_LOCK_DATA_SSL_SESSION)
    }

    /// Must run after the last transfer that uses it has ended.
    deinit { curl_share_cleanup(share) }

    func apply(to easy: UnsafeMutableRawPointer) { ccurl_set_pointer(easy, CURLOPT_SHARE, share) }
}
