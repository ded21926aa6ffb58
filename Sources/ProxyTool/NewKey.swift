import Digests
import Proxy
import ProxyConfiguration

/// A new key, and its entry for the table.
struct NewKey {
    /// `sk-<id>-<secret>`
    let text: String
    private let name: String
    private let id: String
    private let expires: String?

    /// - Parameter id: nil for a random one.
    init(name: String, id: String?, expires: String?) {
        var source = SystemRandomNumberGenerator()
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        let id = id ?? String((0..<8).compactMap { _ in letters.randomElement(using: &source) })
        (self.name, self.id, self.expires) = (name, id, expires)
        text = "sk-\(id)-\(Self.base64URL(.random(count: 32)))"
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        let pairs: [Character: Character] = ["+": "-", "/": "_"]
        return String(Base64.encode(bytes).filter { $0 != "=" }.map { pairs[$0] ?? $0 })
    }

    /// The entry for the list `settings.virtual_keys`, indented as in the shipped table.
    var entry: String {
        let digits = Hexadecimal.encode(SHA256.digest(of: Array(text.utf8)))
        var lines = ["    - name: \(Self.scalar(name))", "      id: \(Self.scalar(id))"]
        lines.append("      key_hash: sha256:\(digits)")
        if let expires { lines.append("      expires: \(Self.scalar(expires))") }
        return lines.joined(separator: "\n")
    }

    /// Quoted unless it is a plain word.
    private static func scalar(_ text: String) -> String {
        let isWord = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        guard !isWord || text.first.map({ "-.".contains($0) }) ?? true || text.lowercased() == "null" else {
            return text
        }
        return "'\(text.replacing("'", with: "''"))'"
    }

    /// The reason that the key would not work; nil if it would. Found by loading a table with the entry.
    var problem: String? {
        let table = "server: {url: 'http://server'}\nsettings:\n  virtual_keys:\n\(entry)\n"
        do throws(ConfigurationError) {
            let loaded = try LoadedTable(parsing: Array(table.utf8), file: "entry", environment: [:])
            let keys = loaded.table.settings.virtualKeys
            let isRight =
                keys.first?.name == name && keys.first?.id == id && keys.first?.digest == KeyDigest(of: Secret(text))
            return isRight ? nil : "A name, an id or a time can't have '${' or a line break."
        } catch {
            return error.message
        }
    }
}
