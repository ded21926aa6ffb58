import YAML

/// A mapping whose keys are known: gives out its values by type, and knows where to point when one is wrong.
struct Section {
    /// How the section is called in errors: "server 'openai'".
    private let title: String
    private let line: Int
    private let members: [String: YAMLNode]
    private let context: LoadContext

    /// - Parameter aliases: other names for some of the keys.
    init(
        _ node: YAMLNode, _ title: String, keys: [String], aliases: [String: String] = [:], _ context: LoadContext
    ) throws(ConfigurationError) {
        self.title = title
        self.context = context
        line = node.line
        guard case .mapping(let all) = node.value else {
            throw context.error(node.line, "\(title) must be a mapping of keys: \(keys.joined(separator: ", "))")
        }
        var members: [String: YAMLNode] = [:]
        for member in all {
            let (written, line) = (member.key, member.line)
            let key = aliases[written] ?? written
            guard keys.contains(key) else {
                throw context.unknownKey(written, line, in: title, among: keys + aliases.keys.sorted())
            }
            guard members.updateValue(member.value, forKey: key) == nil else {
                throw context.error(line, "\(title) has '\(key)' twice, once as '\(written)'")
            }
        }
        self.members = members
    }

    func node(_ key: String) -> YAMLNode? { members[key].flatMap { $0.isNull ? nil : $0 } }

    func error(_ key: String, _ message: String) -> ConfigurationError {
        context.error(members[key]?.line ?? line, "\(title): '\(key)' \(message)")
    }

    /// The value with its environment variables filled in; nil if the key isn't there.
    func text(_ key: String) throws(ConfigurationError) -> Substitution? {
        guard let node = node(key) else { return nil }
        return try text(node, key)
    }

    private func text(_ node: YAMLNode, _ key: String) throws(ConfigurationError) -> Substitution {
        guard case .scalar(let template, _) = node.value else { throw error(key, "must be a single value") }
        do throws(Substitution.Failure) {
            return try Substitution(template, context.environment)
        } catch let failure {
            switch failure {
            case .unclosed: throw error(key, "has '${' without '}'")
            case .badName(let name):
                throw error(key, "has '${\(name)}', which is not ${NAME} or ${NAME:-default}")
            }
        }
    }

    func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let text = try text(key)?.text.lowercased() else { return nil }
        guard let value = Bool(text) else { throw error(key, "must be true or false") }
        return value
    }

    /// Seconds, as milliseconds.
    func milliseconds(_ key: String) throws(ConfigurationError) -> Int? {
        guard let text = try text(key)?.text else { return nil }
        guard let seconds = Double(text), (0.001...86_400).contains(seconds) else {
            throw error(key, "must be a number of seconds, more than 0 and at most 86400")
        }
        return Int(seconds * 1000)
    }

    func list(_ key: String) throws(ConfigurationError) -> [YAMLNode] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let elements) = node.value else { throw error(key, "must be a list") }
        return elements
    }

    func texts(_ key: String) throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for element in try list(key) { texts.append(try text(element, key).text) }
        return texts
    }
}
