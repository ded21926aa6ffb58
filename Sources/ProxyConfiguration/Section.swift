import YAML

/// A mapping whose keys are known: gives out its values by type, and knows where to point when one is wrong.
struct Section {
    /// How the section is called in errors: "server 'openai'".
    private let title: String
    private let line: Int
    private let members: [String: YAMLNode]
    private let context: LoadContext
    /// Variables without a default that are not set: what depends on them can't be used.
    private(set) var missing: [String] = []

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
    mutating func text(_ key: String) throws(ConfigurationError) -> Substitution? {
        guard let node = node(key) else { return nil }
        return try text(node, key)
    }

    /// The same, but nil too if a variable is missing.
    mutating func completeText(_ key: String) throws(ConfigurationError) -> String? {
        guard let text = try text(key), text.missing.isEmpty else { return nil }
        return text.text
    }

    private mutating func text(_ node: YAMLNode, _ key: String) throws(ConfigurationError) -> Substitution {
        guard case .scalar(let template, _) = node.value else { throw error(key, "must be a single value") }
        do throws(Substitution.Failure) {
            let text = try Substitution(template, context.environment)
            missing += text.missing.filter { !missing.contains($0) }
            return text
        } catch {
            switch error {
            case .unclosed: throw self.error(key, "has '${' without '}'")
            // What stands there isn't shown: it may be a token that was taken for a variable's name.
            case .badName: throw self.error(key, "has '${…}' with something else in it than NAME or NAME:-default")
            }
        }
    }

    mutating func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let text = try completeText(key)?.lowercased() else { return nil }
        guard let value = Bool(text) else { throw error(key, "must be true or false") }
        return value
    }

    /// Seconds, as milliseconds.
    mutating func milliseconds(_ key: String) throws(ConfigurationError) -> Int? {
        guard let text = try completeText(key) else { return nil }
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

    /// The values of a list, but for those with a missing variable.
    mutating func texts(_ key: String) throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for element in try list(key) {
            let text = try text(element, key)
            if text.missing.isEmpty { texts.append(text.text) }
        }
        return texts
    }
}
