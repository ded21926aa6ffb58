import Digests
import JSONBytes

/// A JSON Web Token in the compact form (RFC 7519; RFC 7515, section 3.1), read but not yet verified.
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
    ///
    /// The last part may be empty, so that a token without a signature gets an error that says so.
    package static func hasForm(_ text: String.UTF8View) -> Bool {
        // `{` and a quote or a blank behind it are `ey` in base64url. `{` and a line end or a tab are `ew`.
        guard text.starts(with: "ey".utf8) || text.starts(with: "ew".utf8) else { return false }
        var dots = 0
        for byte in text {
            if byte == UInt8(ascii: ".") { dots += 1 } else if !Base64URL.contains(byte) { return false }
        }
        return dots == 2
    }

    /// Reads a token. Refuses members that occur twice, and headers with `crit`.
    package init(_ text: [UInt8]) throws(TokenError) {
        guard text.count <= Self.longest else { throw .tooLong }
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("it does not have three parts") }
        guard let signature = Base64URL.decode(parts[2]) else { throw .malformed("its signature is not base64url") }
        let header = try UniqueMembers(part: parts[0], "its header")
        // `crit` names extensions that must be understood, and none is: RFC 7515, section 4.1.11.
        guard header["crit"] == nil else { throw .malformed("its header has crit, which is not supported") }
        guard let algorithm = header["alg"], algorithm.kind == .string else {
            throw .malformed("its header has no alg that is a string")
        }
        self.algorithm = algorithm.word.flatMap(TokenAlgorithm.init)
        keyID = try header.text("kid")
        type = try header.text("typ")
        claims = TokenClaims(try UniqueMembers(part: parts[1], "its payload"))
        signingInput = Array(text[..<parts[1].endIndex])
        self.signature = signature
    }

    /// Checks the signature with the key that the header names.
    /// - Throws: `algorithmNotAllowed`, `unknownKey` or `wrongSignature`.
    package func verify(with keys: KeySet, allowing algorithms: [TokenAlgorithm]) throws(TokenError) {
        guard let algorithm, algorithms.contains(algorithm) else { throw .algorithmNotAllowed }
        try keys.verify(signature, of: signingInput, algorithm, keyID)
    }
}

extension UniqueMembers {
    /// How many objects and arrays may be open at once. Real tokens need about five.
    private static let deepest = 64

    /// Reads the header or the payload of a token.
    /// - Parameter name: of the part, for errors.
    fileprivate init(part: ArraySlice<UInt8>, _ name: StaticString) throws(TokenError) {
        guard let text = Base64URL.decode(part) else { throw .malformed("\(name) is not base64url") }
        guard text.withUnsafeBytes({ $0.isUTF8 }), let value = try? JSONSlice(text, maximumDepth: Self.deepest),
            value.kind == .object
        else { throw .malformed("\(name) is not a JSON object") }
        guard let members = UniqueMembers(value) else { throw .malformed("\(name) has a member twice") }
        self = members
    }

    /// The text of a member of the header that must be a string if it is there.
    fileprivate func text(_ name: String) throws(TokenError) -> [UInt8]? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw .malformed("its header has a \(name) that is not a string") }
        return Array(text.utf8)
    }
}
