/// The issuer of the simulated users' tokens: docs/users.md. Its tokens, and when they are valid, are in
/// IssuedTokens.swift.
package enum SimulatedIssuer {
    /// The address of the discovery document.
    package static let discoveryURL = "\(url)/.well-known/openid-configuration"
    /// The address of the keys.
    package static let jwksURL = "\(url)/keys"

    /// The discovery document.
    package static let discovery = Array(#"{"issuer":"\#(url)","jwks_uri":"\#(jwksURL)"}"#.utf8)

    /// The entry of `settings.token_issuers`, as a YAML mapping in one line. The settings need a `user_id_key`, too.
    /// - Parameters:
    ///   - isDiscovered: whether the proxy must ask for the keys' address.
    ///   - more: further members, such as `user_limits: {rpm: 5}`.
    package static func yaml(isDiscovered: Bool = false, _ more: String...) -> String {
        let address = isDiscovered ? [] : ["jwks_url: \"\(jwksURL)\""]
        return "{\((["issuer: \"\(url)\"", "audiences: [\(audience)]"] + address + more).joined(separator: ", "))}"
    }
}

/// A user's token.
package struct IssuedToken: Sendable {
    /// The user.
    package let subject: String
    package let token: String
    /// Why it must be refused; nil if it is good.
    package let flaw: String?

    package var isValid: Bool { flaw == nil }

    /// The user's ID in the keys of counters: other bytes than letters, digits and some marks are encoded as in URLs.
    var counterID: String {
        subject.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
            default: "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
            }
        }.joined()
    }

    init(_ subject: String, flaw: String?, _ token: String) {
        (self.subject, self.flaw, self.token) = (subject, flaw, token)
    }
}
