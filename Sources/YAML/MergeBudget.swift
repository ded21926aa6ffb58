/// Resolves merge keys, `<<: *name` (https://yaml.org/type/merge.html): a mapping takes over the members of others that
/// it doesn't have itself.
struct MergeBudget {
    /// How many mappings and members may still be taken over in the document. Far more than any table needs; without a limit, a merge of
    /// few bytes copies thousands of members.
    private var left = 10_000

    /// - Parameters:
    ///   - own: the members that the mapping has itself. They win, wherever the merge key stands.
    ///   - merge: with a mapping, or with a list of mappings, of which the first that has a key wins.
    mutating func merged(
        _ own: [YAMLNode.Member], with merge: YAMLNode.Member
    ) throws(YAMLError) -> [YAMLNode.Member] {
        var members = own
        var keys = Set(own.map(\.key))
        for base in try Self.bases(of: merge) {
            left -= 1 + base.count
            guard left >= 0 else { throw YAMLError(line: merge.line, message: "'<<' merges too much; repeat less") }
            for member in base where keys.insert(member.key).inserted { members.append(member) }
        }
        return members
    }

    private static func bases(of merge: YAMLNode.Member) throws(YAMLError) -> [[YAMLNode.Member]] {
        var nodes = [merge.value]
        if case .sequence(let elements) = merge.value.value { nodes = elements }
        var bases: [[YAMLNode.Member]] = []
        for node in nodes {
            guard case .mapping(let members) = node.value else {
                throw YAMLError(
                    line: merge.line, message: "'<<' must have a mapping, such as '*name', or a list of mappings")
            }
            bases.append(members)
        }
        return bases
    }
}
