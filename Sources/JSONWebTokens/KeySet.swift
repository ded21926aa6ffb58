package import Digests
import JSONBytes

/// The keys that verify an issuer's tokens.
package struct KeySet: Sendable {
    /// Longer texts and sets aren't read.
    private static let (longest, mostKeys) = (64 * 1024, 1000)

    private enum Keys {
        case published([PublishedKey])
        case secrets([HMACKey])
    }

    private let keys: Keys

    /// Reads a JSON Web Key Set (RFC 7517, section 5) of at most 64 KB and 1,000 keys. Leaves out keys that can't
    /// verify signatures, such as those for encryption and secret ones.
    /// - Returns: nil if the text isn't such a key set.
    package init?(parsing text: [UInt8]) {
        guard text.count <= Self.longest, text.withUnsafeBytes({ $0.isUTF8 }), let set = try? JSONSlice(text),
            let keys = UniqueMembers(set)?["keys"]?.elements, keys.count <= Self.mostKeys
        else { return nil }
        self.keys = .published(keys.compactMap { UniqueMembers($0).flatMap(PublishedKey.init) })
    }

    /// The secrets that the issuer shares with this proxy. A token may be signed with any of them.
    package init(secrets: [HMACKey]) { keys = .secrets(secrets) }

    /// - Throws: `unknownKey` or `wrongSignature`.
    func verify(
        _ signature: [UInt8], of message: [UInt8], _ algorithm: TokenAlgorithm, _ keyID: [UInt8]?
    ) throws(TokenError) {
        let isRight: Bool
        switch (keys, algorithm.method) {
        case (.secrets(let secrets), .hmac(let hash)):
            isRight = secrets.contains { $0.code(for: message, with: hash).isEqualInConstantTime(to: signature) }
        case (.published(let keys), .signature(let scheme)):
            guard let key = Self.key(of: keys, for: algorithm, scheme, keyID)?.verificationKey else {
                throw .unknownKey
            }
            isRight = key.verifies(signature, of: message, as: scheme)
        // Otherwise a public key could become the secret of an HMAC.
        case (.secrets, .signature), (.published, .hmac): throw .unknownKey
        }
        guard isRight else { throw .wrongSignature }
    }

    /// The one key that a signature is checked with: the first one that has the name and fits, or, without a name,
    /// the only one that fits.
    private static func key(
        of keys: [PublishedKey], for algorithm: TokenAlgorithm, _ scheme: SignatureScheme, _ id: [UInt8]?
    ) -> PublishedKey? {
        let fitting = keys.lazy.filter { (id == nil || $0.id == id) && $0.fits(algorithm, scheme) }
        return id == nil && fitting.dropFirst().first != nil ? nil : fitting.first
    }
}
