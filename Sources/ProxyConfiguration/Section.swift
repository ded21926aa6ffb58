import Proxy
import YAML

/// A mapping whose keys are known: gives out its values by type, and knows where to point when one is wrong.
struct Section {
    /// How the section is called in errors: "server 'openai'".
    private let title: String
    private let line: Int
    private let members: [String: YAMLNode.Member]
    private let context: LoadContext
    /// Variables without a default that are not set: what depends on them can't be used.
    private(set) var missing: [String] = []

    /// - Parameters:
    ///   - aliases: other names for some of the keys.
    ///   - alternatives: keys that say the same in different ways, so that one replaces another that is merged.
    init(
        _ node: YAMLNode, _ title: String, keys: [String], aliases: [String: String] = [:],
        alternatives: [String] = [], _ context: LoadContext
    ) throws(ConfigurationError) {
        self.title = title
        self.context = context
        line = node.line
        guard case .mapping(let all) = node.value else {
            throw context.error(node.line, "\(title) must be a mapping of keys: \(keys.joined(separator: ", "))")
        }
        var members: [String: YAMLNode.Member] = [:]
        for member in all {
            let (written, line) = (member.key, member.line)
            let key = aliases[written] ?? written
            let note = Self.mergeNote(member, into: node.line)
            guard keys.contains(key) else {
                let hint = NearestName.hint(written, among: keys + aliases.keys.sorted())
                throw context.error(line, "\(title) has an unknown key '\(written)'; \(hint)\(note)")
            }
            if let earlier = members[key] {
                let alias = written == key ? earlier.key : written
                guard earlier.mapping != member.mapping else {
                    throw context.error(line, "\(title) has '\(key)' twice, once as '\(alias)'\(note)")
                }
                // `<<` compares keys as they are written. With another spelling, too, what is nearer wins.
                continue
            }
            let isReplaced =
                alternatives.contains(key)
                && alternatives.contains { other in
                    members[other].map { $0.mapping != member.mapping && !$0.value.isNull } ?? false
                }
            if !isReplaced { members[key] = member }
        }
        self.members = members
    }

    /// The line of an error is that of the mapping from which `<<` has taken the member over, so it says where to.
    private static func mergeNote(_ member: YAMLNode.Member?, into line: Int) -> String {
        guard let member, member.line < line else { return "" }
        return " (merged by '<<' into the mapping at line \(line))"
    }

    /// A mapping inside this one, called "<name> of <this>" in errors. `adopt` what turns out to be missing there.
    func section(_ node: YAMLNode, _ name: String, keys: [String]) throws(ConfigurationError) -> Section {
        try Section(node, "\(name) of \(title)", keys: keys, context)
    }

    /// The variables that are missing, each with what is wrong with it.
    var problems: [(variable: String, problem: String)] { missing.map { ($0, context.problem(ofMissing: $0)) } }

    mutating func adopt(missing names: [String]) {
        missing += names.filter { !missing.contains($0) }
    }

    /// The key is there, and nothing behind it.
    func isBlank(_ key: String) -> Bool { members[key]?.value.isNull == true }

    func node(_ key: String) -> YAMLNode? { (members[key]?.value).flatMap { $0.isNull ? nil : $0 } }

    /// - Parameter line: where to point if not at the key: at an element of its list.
    func error(_ key: String, _ message: String, line: Int? = nil) -> ConfigurationError {
        let member = members[key]
        let note = Self.mergeNote(member, into: self.line)
        return context.error(line ?? member?.line ?? self.line, "\(title): '\(key)' \(message)\(note)")
    }

    /// The value with its environment variables filled in; nil if the key isn't there.
    mutating func text(_ key: String) throws(ConfigurationError) -> Substitution? {
        guard let member = members[key], !member.value.isNull else { return nil }
        return try text(member.value, key, line: member.line)
    }

    /// The same, but nil too if a variable is missing.
    mutating func completeText(_ key: String) throws(ConfigurationError) -> String? {
        guard let text = try text(key), text.missing.isEmpty else { return nil }
        return text.text
    }

    /// The text of a node that belongs to the key, such as an element of its list.
    mutating func text(
        _ node: YAMLNode, _ key: String, line: Int
    ) throws(ConfigurationError) -> Substitution {
        guard case .scalar(let template, _) = node.value else {
            throw error(key, "must be a single value", line: line)
        }
        let kind = ValueKind(of: key)
        let text: Substitution
        do throws(Substitution.Failure) {
            text = try Substitution(template, context.environment, for: kind)
        } catch {
            throw self.error(key, error.words, line: line)
        }
        guard kind != .secret || !text.text.utf8.contains(where: \.isControl) else {
            throw error(key, "contains a line break or another control character; write it on one line", line: line)
        }
        adopt(missing: text.missing)
        return text
    }
}
