/// URLs of token issuers: of what the proxy fetches, of what browsers open, and of the issuers themselves.
extension Section {
    /// The URL as it is written; nil if the key isn't there, if it is empty, or if a variable is missing.
    mutating func secureURL(_ key: String) throws(ConfigurationError) -> String? {
        guard let text = try completeText(key), !text.isEmpty else { return nil }
        try checkSecureURL(text, key)
        return text
    }

    /// Refuses what can't be called with TLS, except on this machine.
    /// - Parameter otherwise: when it needn't be a URL, for errors.
    func checkSecureURL(
        _ text: String, _ key: String, allowsQuery: Bool = true, otherwise: String = ""
    ) throws(ConfigurationError) {
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else {
            throw error(key, "must begin with https://\(otherwise)")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("#") else {
            throw error(key, "must not have spaces, '#' or non-ASCII characters")
        }
        guard allowsQuery || !text.contains("?") else { throw error(key, "must not have '?'") }
        let host = text.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
        guard !host.isEmpty else { throw error(key, "has no host") }
        guard !host.contains("@") else { throw error(key, "must not have a user or password") }
        guard Self.isHostWithPort(host) else {
            throw error(key, "must have a host, optionally followed by a port from 1 to 65535")
        }
        guard isSecure || Self.isLoopback(host) else {
            throw error(
                key, "must begin with https://; only this machine (localhost, 127.0.0.1, [::1]) may have http://")
        }
    }

    /// - Parameter host: with or without a port.
    private static func isLoopback(_ host: Substring) -> Bool {
        if host.hasPrefix("[") { return host.prefix { $0 != "]" } == "[::1" }
        let name = host.prefix { $0 != ":" }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
        return name == "localhost"
            || numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}
