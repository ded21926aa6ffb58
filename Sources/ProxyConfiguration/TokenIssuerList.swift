import Proxy
import YAML

/// The entries of `settings.token_issuers`. An issuer with a missing variable is left out: a rule without its value
/// would accept too much.
struct TokenIssuerList {
    private let servers: [ServerEntry]
    private(set) var issuers: [TokenIssuer] = []
    /// Issuers that are left out, with the reason.
    private var ignored: [(name: String, cause: String)] = []
    private var uncounted: [String] = []
    /// Of all issuers, including those that were left out.
    private var names: Set<String> = []
    /// The issuer that has `login`, even if it was left out.
    private var nameWithLogin: String?
    /// In bytes.
    private static let longestName = 256

    /// - Parameter servers: the servers that users may use.
    init(for servers: [ServerEntry]) { self.servers = servers }

    /// - Parameter keys: whose ids can't be names of issuers.
    mutating func append(
        _ node: YAMLNode, _ keys: VirtualKeyList, _ context: LoadContext
    ) throws(ConfigurationError) {
        var section = try Section(
            node, "a token issuer", keys: TokenIssuer.sectionKeys, alternatives: TokenIssuer.keySources, context)
        guard let name = try name(&section, keys) else { return }
        let issuer = try TokenIssuer(name, &section, servers)
        if issuer.login != nil {
            if let other = nameWithLogin {
                throw section.error("login", "is also in the issuer '\(other)', but the playground has only one")
            }
            nameWithLogin = name
        }
        guard section.missing.isEmpty, issuer.keys != .secrets([]) else {
            let problems = section.problems.map { "\($0) \($1)" }.joined(separator: ", ")
            return ignored.append((name, problems.isEmpty ? "its secret is empty" : problems))
        }
        issuers.append(issuer)
        uncounted += issuer.grants.uncounted("the token issuer '\(name)'", at: servers)
    }

    /// The exact `iss`. Nil if the owner left it empty by a default, which switches the issuer off.
    private mutating func name(
        _ section: inout Section, _ keys: VirtualKeyList
    ) throws(ConfigurationError) -> String? {
        let text = try section.text("issuer")
        if let text, text.text.isEmpty, section.hasVariable("issuer") { return nil }
        guard let text, !text.text.isEmpty else {
            throw section.error("issuer", "is missing; write the exact 'iss' of its tokens")
        }
        let name = text.text
        if text.missing.isEmpty { try check(name, section, keys) }
        guard names.insert(name).inserted else {
            throw section.error("issuer", "'\(name)' is listed twice; make one entry of both")
        }
        return name
    }

    private func check(
        _ name: String, _ section: Section, _ keys: VirtualKeyList
    ) throws(ConfigurationError) {
        guard name.utf8.count <= Self.longestName, VirtualKey.isDimension(name) else {
            throw section.error("issuer", "must be 1 to \(Self.longestName) printable ASCII characters")
        }
        guard !VirtualKeyList.reserved.contains(name) else {
            throw section.error("issuer", "can't be '\(name)', which the log uses for callers without a key")
        }
        guard !keys.ids.contains(name) else {
            throw section.error("issuer", "'\(name)' is the id of a virtual key; give that key another 'id'")
        }
        guard !["secret", "secrets"].contains(where: { section.node($0) != nil || section.isBlank($0) }) else { return }
        try section.checkSecureURL(
            name, "issuer", allowsQuery: false, otherwise: ", unless the issuer shares a 'secret' with this proxy")
    }

    var warnings: [String] { (ignoredWarning.map { [$0] } ?? []) + uncounted }

    /// One line for all issuers that are left out.
    private var ignoredWarning: String? {
        guard let first = ignored.first else { return nil }
        guard ignored.count > 1 else { return "the token issuer '\(first.name)' is ignored: \(first.cause)" }
        let list = ignored.map { "\($0.name) (\($0.cause))" }.joined(separator: "; ")
        return "\(ignored.count) token issuers are ignored: \(list)"
    }
}
