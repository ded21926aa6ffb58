import Digests

/// The SHA-256 of a key. Keys are only ever compared by their digests, in constant time.
package struct KeyDigest: Sendable {
    private let bytes: [UInt8]
    /// Finds the key in a text. Nil if the digest is all that is known, or the key is very long.
    let trace: KeyTrace?

    package init(of key: Secret) {
        trace = KeyTrace(key.revealed.utf8)
        bytes = SHA256.digest(of: Array(key.revealed.utf8))
    }

    /// Of a key that isn't to be found in any text: what a caller presents, or what may be one.
    init(untraced key: Secret) {
        trace = nil
        bytes = SHA256.digest(of: Array(key.revealed.utf8))
    }

    /// Reads 64 hexadecimal digits. Nil if it is something else.
    package init?(hexadecimal: String) {
        guard let bytes = Hexadecimal.decode(hexadecimal.utf8), bytes.count == SHA256.length else { return nil }
        trace = nil
        self.bytes = bytes
    }
}

/// Looked up by its hash only where nothing is opened by it: what callers present is compared with each key.
extension KeyDigest: Hashable {
    /// The time taken tells nothing about the stored key.
    package static func == (one: KeyDigest, other: KeyDigest) -> Bool {
        one.bytes.isEqualInConstantTime(to: other.bytes)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
