import CCurl

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
