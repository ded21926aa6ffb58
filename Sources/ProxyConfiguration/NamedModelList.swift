import Proxy
import YAML

/// `settings.models` and `settings.default_model`: what callers may send as `model` to the address that all servers
/// share.
struct NamedModelList {
    private var section: Section
    private let servers: [Server]
    private let entries: [(member: YAMLNode.Member, name: String)]
    private let names: Set<String>
    /// For names that lead to other names; nobody needs more.
    private static let longest = 100
    /// A longer `model` in a request isn't compared with anything. In bytes.
    private static let longestName = 1024

    private(set) var models: [NamedModel] = []
    private(set) var defaultModel: String?

    init(_ section: Section, for servers: [Server]) throws(ConfigurationError) {
        (self.section, self.servers) = (section, servers)
        entries = try section.members(of: "models", "from names of models to 'server/model'").map { ($0, $0.key) }
        names = Set(entries.map(\.name))
        for entry in entries {
            try checkName(entry.member)
            models.append(try model(entry.name, entry.member.value, entry.member.line))
        }
        try followAll()
        try self.section.requireVariables("models")
        let name = try self.section.completeText("default_model")
        try self.section.requireVariables("default_model")
        guard let name, !name.isEmpty else { return }
        _ = try target(name, "default_model", nil)
        defaultModel = name
    }

    private func followAll() throws(ConfigurationError) {
        guard !models.isEmpty else { return }
        let byName = Dictionary(models.map { ($0.name, $0) }) { first, _ in first }
        var chains = NameChains(longest: Self.longest) { byName[$0]?.leadsTo ?? [] }
        for entry in entries {
            do throws(NameChains.Fault) {
                try chains.follow(entry.name)
            } catch {
                throw section.error("models", chains.words(error, "names"), line: entry.member.line)
            }
        }
    }

    private func checkName(_ member: YAMLNode.Member) throws(ConfigurationError) {
        guard member.key.utf8.count <= Self.longestName, !member.key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else {
            throw section.error(
                "models", "has a name that is longer than \(Self.longestName) bytes or has a control character",
                line: member.line)
        }
    }

    private mutating func model(
        _ name: String, _ node: YAMLNode, _ line: Int
    ) throws(ConfigurationError) -> NamedModel {
        guard case .sequence(let nodes) = node.value else {
            return NamedModel(name, [.init(try choice(node, line).target)])
        }
        guard !nodes.isEmpty else {
            throw section.error("models", "has an empty list for '\(name)'; name a model there", line: line)
        }
        var choices: [NamedModel.Choice] = []
        var seen: Set<String> = []
        var isWeighted = false
        for node in nodes {
            let (target, weight) = try choice(node, node.line)
            guard seen.insert(target.text).inserted else {
                throw section.error("models", "has the same model twice for '\(name)'; remove one", line: node.line)
            }
            isWeighted = isWeighted || weight != nil
            choices.append(.init(target, weight: weight ?? 1))
        }
        return NamedModel(name, choices, isWeighted: isWeighted)
    }

    /// `server/model`, the name of another entry, or a mapping of one of them as `model` and its `weight`.
    private mutating func choice(
        _ node: YAMLNode, _ line: Int
    ) throws(ConfigurationError) -> (target: NamedModel.Target, weight: Int?) {
        switch node.value {
        case .scalar:
            let text = try section.text(node, "models", line: line).text
            return (try target(text, "models", line), nil)
        case .mapping:
            var part = try section.section(node, "a model", keys: ["model", "weight"])
            guard let text = try part.text("model")?.text else { throw part.error("model", "is missing") }
            let weight = try part.integer("weight", in: 1...1000)
            section.adopt(missing: part.missing)
            return (try target(text, "models", node.line), weight)
        case .sequence: throw section.error("models", "must not have a list inside its list", line: line)
        }
    }

    /// - Parameter line: nil for that of the key.
    private func target(
        _ text: String, _ key: String, _ line: Int?
    ) throws(ConfigurationError) -> NamedModel.Target {
        if names.contains(text) { return .name(text) }
        // Something is missing in it, which is reported when all has been read.
        guard section.missing.isEmpty else { return .name(text) }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let server = servers.first(where: { $0.name.utf8.elementsEqual(parts[0]) }) else {
            throw section.error(key, "has '\(text)', which is no 'server/model'; \(hint(text))", line: line)
        }
        guard !server.isReverseProxy else {
            throw section.error(
                key, "has '\(text)', but '\(server.name)' is a reverse proxy, which has no models; remove it",
                line: line)
        }
        guard !parts[1].isEmpty || server.model != nil else {
            throw section.error(key, "has '\(text)' without a model, and the server has none; name one", line: line)
        }
        return .model(String(Substring(parts[1])), server: server.name)
    }

    private func hint(_ text: String) -> String {
        let models = servers.filter { !$0.isReverseProxy }.map { "\($0.name)/\($0.model ?? "<model>")" }
        return NearestName.hint(text, among: entries.map(\.name) + models)
    }
}

extension NamedModel {
    /// The other names among its choices.
    fileprivate var leadsTo: [String] {
        choices.compactMap { choice in
            guard case .name(let name) = choice.target else { return nil }
            return name
        }
    }
}

extension NamedModel.Target {
    /// As it is written in the table, to compare it.
    fileprivate var text: String {
        switch self {
        case .name(let name): name
        case .model(let model, let server): "\(server)/\(model)"
        }
    }
}
