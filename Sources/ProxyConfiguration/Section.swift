import Proxy
import YAML

/// A mapping with known keys. It returns the values by type, and its errors point at the line of the wrong one.
struct Section {
    /// The section's name in errors: "server 'openai'".
    private let title: String
    private let line: Int
    private let members: [String: YAMLNode.Member]
    private let context: LoadContext
    /// Variables that are not set and have no default. What depends on them can't be used.
    private(set) var missing: [String] = []

    /// - Parameters:
    ///   - aliases: other names for some of the keys.
    ///   - alternatives: keys of which only one may be given; one replaces another that was merged by `<<`.
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
                // `<<` compares keys by spelling, so both spellings can arrive here. The mapping's own key wins over
                // the merged one.
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

    /// A merged member's line is in the mapping it comes from, so this note names the mapping that it was merged into.
    private static func mergeNote(_ member: YAMLNode.Member?, into line: Int) -> String {
        guard let member, member.line < line else { return "" }
        return " (merged by '<<' into the mapping at line \(line))"
    }

    /// A mapping inside this one, called "<name> of <this>" in errors. The caller must `adopt` its missing variables.
    func section(_ node: YAMLNode, _ name: String, keys: [String]) throws(ConfigurationError) -> Section {
        try Section(node, "\(name) of \(title)", keys: keys, context)
    }

    /// The missing variables, each with the reason.
    var problems: [(variable: String, problem: String)] { missing.map { ($0, context.problem(ofMissing: $0)) } }

    mutating func adopt(missing names: [String]) {
        missing += names.filter { !missing.contains($0) }
    }

    /// A variable of the environment that the table needs without naming it; nil, and missing, if it isn't set.
    mutating func variable(_ name: String) -> String? {
        if let value = context.environment[name], !value.isEmpty { return value }
        adopt(missing: [name])
        return nil
    }

    /// Whether the key is there without a value.
    func isBlank(_ key: String) -> Bool { members[key]?.value.isNull == true }

    /// Whether the value as written has a variable.
    func hasVariable(_ key: String) -> Bool {
        guard case .scalar(let template, _) = members[key]?.value.value else { return false }
        return template.utf8.contains(UInt8(ascii: "$"))
    }

    func node(_ key: String) -> YAMLNode? { (members[key]?.value).flatMap { $0.isNull ? nil : $0 } }

    /// - Parameter line: the line of the error, if it isn't the key's: for example, that of an element of its list.
    func error(_ key: String, _ message: String, line: Int? = nil) -> ConfigurationError {
        let member = members[key]
        let note = Self.mergeNote(member, into: self.line)
        return context.error(line ?? member?.line ?? self.line, "\(title): '\(key)' \(message)\(note)")
    }

    /// The value with its variables replaced; nil if the key isn't there.
    mutating func text(_ key: String) throws(ConfigurationError) -> Substitution? {
        guard let member = members[key], !member.value.isNull else { return nil }
        return try text(member.value, key, line: member.line)
    }

    /// Like `text`, but also nil if a variable is missing.
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
