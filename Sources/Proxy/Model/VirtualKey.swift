import Digests

/// A key that the owner gives to a client, with its permissions and limits.
package struct VirtualKey: Sendable, Equatable {
    /// Stands for the key in logs, errors and counters. Not secret.
    package var id: String
    /// The owner's name for it.
    package var name: String
    package var digest: KeyDigest
    /// When it expires; nil for never. In seconds since 1970.
    package var expires: Int64?
    package var permissions = Permissions()
    package var limits = CallerLimits()
    /// The owner's notes, which are added to the record of each request.
    package var metadata: [String: String] = [:]

    package init(id: String? = nil, name: String, digest: KeyDigest) {
        self.id = id ?? name
        self.name = name
        self.digest = digest
    }
}

extension VirtualKey {
    /// Whether CloudWatch accepts an id as the value of a dimension. If it doesn't, it drops all metrics of the line.
    package static func isDimension(_ id: String) -> Bool {
        id.utf8.allSatisfy { (0x20...0x7E).contains($0) } && id.utf8.contains { $0 != 0x20 }
    }
}

/// A token or a key, which no log, error or dump can print. Only `revealed` returns its text.
package struct Secret: Sendable, Equatable {
    /// For the one header that carries it, and for its digest.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    /// Warnings for the owner. Each completes a sentence that begins with the secret's name.
    package var advice: [String] {
        var advice: [String] = []
        if revealed.utf8.count < 16 {
            advice.append(
                "is shorter than 16 characters, so it can be guessed; make a longer one with 'openssl rand -hex 24'"
            )
        }
        if revealed.utf8.contains(where: { $0 >= 0x80 }) {
            advice.append("contains non-ASCII characters, which most clients can't send in a header")
        }
        return advice
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[secret]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The SHA-256 of a key. Keys are only ever compared by their digests, in constant time.
package struct KeyDigest: Sendable {
    private let bytes: [UInt8]
    /// Finds the key in a text. Nil if only the digest is known, or the key is very long.
    let trace: KeyTrace?

    package init(of key: Secret) {
        trace = KeyTrace(key.revealed.utf8)
        bytes = SHA256.digest(of: Array(key.revealed.utf8))
    }

    /// For a key that isn't searched for in texts: one that a caller presents, or a candidate.
    init(untraced key: Secret) {
        trace = nil
        bytes = SHA256.digest(of: Array(key.revealed.utf8))
    }

    /// Nil unless the text is 64 hexadecimal digits.
    package init?(hexadecimal: String) {
        guard let bytes = Hexadecimal.decode(hexadecimal.utf8), bytes.count == SHA256.length else { return nil }
        trace = nil
        self.bytes = bytes
    }
}

/// The hash is used only to find keys in texts. To admit a caller, the presented key is compared with every key.
extension KeyDigest: Hashable {
    /// In constant time.
    package static func == (one: KeyDigest, other: KeyDigest) -> Bool {
        one.bytes.isEqualInConstantTime(to: other.bytes)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
