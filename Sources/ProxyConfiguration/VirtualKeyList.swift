import Proxy
import YAML

/// The keys of `settings.virtual_keys`. A key with a missing variable is left out: an empty key must not let anybody
/// in, and a key without its limits would allow too much.
struct VirtualKeyList {
    private let servers: [ServerEntry]
    private(set) var keys: [VirtualKey] = []
    private(set) var warnings: [String] = []
    /// The names of the keys, by digest.
    private var owners: [KeyDigest: String] = [:]
    /// The log uses these words for callers without a key.
    static let reserved: Set = ["anonymous", "owner", "none", "api-gateway", "direct-invocation"]
    /// Texts whose hashes commands print if their variable isn't set. No key is just white space.
    private static let ofNothing = ["", " ", "\n", "\r\n", " \n"].map { KeyDigest(of: Secret($0)) }
    /// Of all keys, including those that were left out.
    private var names: Set<String> = []
    private(set) var ids: Set<String> = []

    /// - Parameter servers: the servers that keys may use.
    init(for servers: [ServerEntry]) { self.servers = servers }

    mutating func append(_ node: YAMLNode, _ context: LoadContext) throws(ConfigurationError) {
        var section = try Section(
            node, "a virtual key", keys: VirtualKey.keys, alternatives: ["key", "key_hash"], context)
        guard let name = try section.text("name")?.text, !name.isEmpty else {
            throw section.error("name", "is missing; logs use it for the key")
        }
        guard name.utf8.count <= 256 else { throw section.error("name", "is longer than 256 bytes; shorten it") }
        guard names.insert(name).inserted else { throw section.error("name", "'\(name)' is taken by another key") }
        let id = try id(of: name, &section)
        guard !Self.reserved.contains(id) else {
            throw section.error(
                section.node("id") == nil ? "name" : "id",
                "can't be '\(id)', which the log uses for callers without a key; choose another")
        }
        let (source, digest) = try login(&section)
        // The digest of an empty text is a placeholder: without a digest, the key is left out below.
        var key = VirtualKey(id: id, name: name, digest: digest ?? KeyDigest(of: Secret("")))
        try key.readScope(&section, servers)
        guard digest != nil, section.missing.isEmpty, !source.isEmpty else {
            let problems = section.problems.map { "\($0) \($1)" }.joined(separator: ", ")
            let cause = problems.isEmpty ? "it is empty" : problems
            return warnings.append("the virtual key '\(name)' is ignored: \(cause)")
        }
        guard !Self.ofNothing.contains(key.digest) else {
            return warnings.append(
                "the virtual key '\(name)' is ignored: its 'key_hash' is the hash of an empty text; "
                    + "write printf %s \"$KEY\" | sha256sum with the key in KEY")
        }
        if let other = owners[key.digest] {
            return warnings.append("the virtual key '\(name)' is ignored: it has the same key as '\(other)'")
        }
        owners[key.digest] = name
        keys.append(key)
        warnings += key.grants.uncounted("the virtual key '\(name)'", at: servers)
        // A hash is always long enough, and ASCII.
        warnings += Secret(source).advice.map { "the virtual key '\(name)' \($0)" }
    }

    /// The `id` from the file, or else the name.
    private mutating func id(of name: String, _ section: inout Section) throws(ConfigurationError) -> String {
        guard section.node("id") != nil else {
            guard ids.insert(name).inserted else {
                throw section.error("name", "'\(name)' is the id of another key; give this one an 'id' of its own")
            }
            if !VirtualKey.isDimension(name) {
                warnings.append("the virtual key '\(name)' has no metrics of its own, which need an 'id'")
            }
            return name
        }
        guard let id = try section.completeText("id") else { return name }
        guard Section.isPlain(id, besides: "-_."), (1...64).contains(id.utf8.count) else {
            throw section.error("id", "must be 1 to 64 letters, digits, '-', '_' and '.'")
        }
        guard ids.insert(id).inserted else { throw section.error("id", "'\(id)' is taken by another key") }
        return id
    }

    /// The key's text in the file, and its digest; nil if a variable is missing.
    private func login(_ section: inout Section) throws(ConfigurationError) -> (source: String, KeyDigest?) {
        switch (try section.text("key"), try section.text("key_hash")) {
        case (let key?, nil): return (key.text, KeyDigest(of: Secret(key.text)))
        case (nil, let hash?) where hash.missing.isEmpty:
            let digits = hash.text.hasPrefix("sha256:") ? String(hash.text.dropFirst(7)) : hash.text
            guard let digest = KeyDigest(hexadecimal: digits) else {
                throw section.error("key_hash", "must be a SHA-256 as 64 hexadecimal digits")
            }
            return (hash.text, digest)
        case (nil, let hash?): return (hash.text, nil)
        default: throw section.error("key", "or 'key_hash' must be given, but not both")
        }
    }
}
