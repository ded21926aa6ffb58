/// A JSON Web Token in the compact form (RFC 7519, RFC 7515, section 3.1), read but not yet verified.
package struct JSONWebToken: Sendable {
    /// Longer texts are refused before they are read. In bytes.
    package static let longest = 8 * 1024

    /// The algorithm that its header names; nil if it isn't known here.
    let algorithm: TokenAlgorithm?
    /// The key that its header names.
    let keyID: [UInt8]?
    /// The header's `typ`.
    let type: [UInt8]?
    package let claims: TokenClaims
    let signingInput: [UInt8]
    let signature: [UInt8]

    /// Whether a text has the form of a token: three parts of base64url, of which the first is the beginning of a JSON
    /// object. Takes time in proportion to the text.
    package static func hasForm(_ text: String.UTF8View) -> Bool { false }

    /// Reads a token. Refuses members that occur twice, and headers with `crit`.
    package init(_ text: [UInt8]) throws(TokenError) { throw .malformed("it can't be read") }

    /// Checks the signature with the key that the header names.
    /// - Throws: `algorithmNotAllowed`, `unknownKey` or `wrongSignature`.
    package func verify(with keys: KeySet, allowing algorithms: [TokenAlgorithm]) throws(TokenError) {
        throw .unknownKey
    }
}
