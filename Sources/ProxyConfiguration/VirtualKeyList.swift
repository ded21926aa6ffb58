import Proxy
import YAML

/// The keys of `settings.virtual_keys`. One whose variable isn't set is left out: an empty key must open nothing.
struct VirtualKeyList {
    private(set) var keys: [VirtualKey] = []
    private(set) var warnings: [String] = []

    mutating func append(_ node: YAMLNode, _ context: LoadContext) throws(ConfigurationError) {
        var section = try Section(node, "a virtual key", keys: ["name", "key", "key_hash"], context)
        guard let name = try section.text("name")?.text, !name.isEmpty else {
            throw section.error("name", "is missing: it stands for the key in logs")
        }
        guard !keys.contains(where: { $0.name == name }) else {
            throw section.error("name", "'\(name)' is taken by another key")
        }
        switch (try section.text("key"), try section.text("key_hash")) {
        case (let key?, nil): add(name, key, digest: KeyDigest(of: Secret(key.text)))
        case (nil, let hash?) where hash.missing.isEmpty:
            let digits = hash.text.hasPrefix("sha256:") ? String(hash.text.dropFirst(7)) : hash.text
            guard let digest = KeyDigest(hexadecimal: digits) else {
                throw section.error("key_hash", "must be a SHA-256 as 64 hexadecimal digits")
            }
            add(name, hash, digest: digest)
        case (nil, let hash?): add(name, hash, digest: nil)
        default: throw section.error("key", "or 'key_hash' must be given, and not both")
        }
    }

    private mutating func add(_ name: String, _ source: Substitution, digest: KeyDigest?) {
        if let digest, source.missing.isEmpty, !source.text.isEmpty {
            keys.append(VirtualKey(name: name, digest: digest))
            // A hash is always long enough.
            if Secret(source.text).isGuessable {
                warnings.append("the virtual key '\(name)' \(Secret.guessableAdvice)")
            }
        } else {
            let cause = source.missing.isEmpty ? "it is empty" : "\(source.missing.joined(separator: ", ")) is not set"
            warnings.append("the virtual key '\(name)' opens nothing: \(cause)")
        }
    }
}
