import Proxy
import YAML

extension Server {
    /// Needs to know whether it's a reverse proxy.
    mutating func readModels(_ section: inout Section) throws(ConfigurationError) {
        model = try section.text("model")?.text
        modelAliases = try section.modelNames("model_aliases")
        guard isReverseProxy, section.node("model_aliases") != nil else { return }
        throw section.error(
            "model_aliases", "can't work beside 'reverse_proxy', which passes bodies unread; take one of them out")
    }
}

extension Section {
    /// Without those that have a missing variable.
    fileprivate mutating func modelNames(_ key: String) throws(ConfigurationError) -> [String: String] {
        guard let node = node(key) else { return [:] }
        guard case .mapping(let members) = node.value else {
            throw error(key, "must be a mapping from the caller's names of models to this server's")
        }
        var names: [String: String] = [:]
        for member in members {
            guard !member.key.isEmpty else { throw error(key, "has an empty name; give it one", line: member.line) }
            let name = try text(member.value, key, line: member.line)
            guard name.missing.isEmpty else { continue }
            guard !name.text.isEmpty, !member.value.isNull else {
                throw error(key, "has nothing for '\(member.key)'; name a model there", line: member.line)
            }
            names[member.key] = name.text
        }
        return names
    }
}
