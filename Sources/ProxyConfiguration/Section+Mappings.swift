import YAML

extension Section {
    /// The members of a mapping whose keys are the owner's own, none of them empty; none if the key isn't there.
    /// - Parameter purpose: "from … to …", for errors.
    func members(of key: String, _ purpose: String) throws(ConfigurationError) -> [YAMLNode.Member] {
        guard let node = node(key) else { return [] }
        guard case .mapping(let members) = node.value else { throw error(key, "must be a mapping \(purpose)") }
        for member in members where member.key.isEmpty {
            throw error(key, "has an empty name; give it one", line: member.line)
        }
        for member in members where ForeignReference.stands(inKey: member.key) {
            throw error(key, "has a name that looks like a variable, but only values are replaced", line: member.line)
        }
        return members
    }
}
