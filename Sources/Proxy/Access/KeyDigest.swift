import Crypto

/// The SHA-256 of a key. Keys are only ever compared by their digests, in constant time.
package struct KeyDigest: Sendable {
    private let bytes: [UInt8]
    /// Finds the key in a text. Nil if the digest is all that is known, or the key is very long.
    let trace: KeyTrace?

    package init(of key: Secret) {
        trace = KeyTrace(key.revealed.utf8)
        bytes = Array(SHA256.hash(data: Array(key.revealed.utf8)))
    }

    /// Reads 64 hexadecimal digits. Nil if it is something else.
    package init?(hexadecimal: String) {
        let digits = hexadecimal.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64, hexadecimal.utf8.count == 64 else { return nil }
        trace = nil
        bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

/// Looked up by its hash only where nothing is opened by it: what callers present is compared with each key.
extension KeyDigest: Hashable {
    /// Looks at every byte, whatever the first ones say: the time taken tells nothing about the stored key.
    /// The brackets matter: in Swift `|` and `^` bind alike.
    package static func == (one: KeyDigest, other: KeyDigest) -> Bool {
        zip(one.bytes, other.bytes).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
