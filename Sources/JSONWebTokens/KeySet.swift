package import Digests

/// The keys that verify an issuer's tokens.
package struct KeySet: Sendable {
    /// Reads a JSON Web Key Set (RFC 7517, section 5). Leaves out keys that can't verify signatures, such as those for
    /// encryption and secret ones.
    /// - Returns: nil if the text isn't a key set.
    package init?(parsing text: [UInt8]) { return nil }

    /// The secrets that the issuer shares with this proxy. A token may be signed with any of them.
    package init(secrets: [HMACKey]) {}
}
