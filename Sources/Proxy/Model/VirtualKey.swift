import Digests

/// A key that the owner gives out to a client, and what may be done with it.
package struct VirtualKey: Sendable, Equatable {
    /// Stands for the key in logs, errors and counters: public, and of no use to whoever reads it.
    package var id: String
    /// What the owner calls it.
    package var name: String
    package var digest: KeyDigest
    /// From then on it opens nothing. In seconds since 1970.
    package var expires: Int64?
    /// The names of the servers that it opens; nil for all.
    package var allowedServers: Set<String>?
    /// The models that may be asked; nil for all, and whatever isn't listed is refused.
    package var allowedModels: [ModelPattern]?
    /// The tools of providers that may be used, though models, tokens or costs are limited.
    package var allowedTools: [ModelPattern] = []
    /// Whether a request may name what a provider has stored, though models, tokens or costs are limited.
    package var allowsStoredData = false
    /// What may be done with it at all servers together.
    package var quotaSet = QuotaSet()
    /// What may be done with it at one server, by the server's name.
    package var serverQuotaSets: [String: QuotaSet] = [:]
    /// The owner's own notes, which stand in each record of a request.
    package var metadata: [String: String] = [:]

    package func mayUse(_ server: Server) -> Bool { allowedServers?.contains(server.name) ?? true }

    /// Whether its tokens or costs at a server are limited.
    package func countsUsage(at server: String) -> Bool {
        quotaSet.countsUsage || serverQuotaSets[server]?.countsUsage == true
    }

    /// Whether costs are limited there.
    package func countsCost(at server: String) -> Bool {
        quotaSet.countsCost || serverQuotaSets[server]?.countsCost == true
    }

    package init(id: String? = nil, name: String, digest: KeyDigest) {
        self.id = id ?? name
        self.name = name
        self.digest = digest
    }
}

extension VirtualKey {
    /// Whether CloudWatch takes an id as the value of a dimension; if not, it takes none of the line's metrics.
    package static func isDimension(_ id: String) -> Bool {
        id.utf8.allSatisfy { (0x20...0x7E).contains($0) } && id.utf8.contains { $0 != 0x20 }
    }
}

/// A token or a key: text that no log, error or dump can show. Only `revealed` gives it out.
package struct Secret: Sendable, Equatable {
    /// For the one header that carries it, and for its digest.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    /// What its owner should know: each the end of a sentence.
    package var advice: [String] {
        var advice: [String] = []
        // Trying finds it.
        if revealed.utf8.count < 16 {
            advice.append(
                "is shorter than 16 characters: whoever guesses it may call; make a long one with 'openssl rand -hex 24'"
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
