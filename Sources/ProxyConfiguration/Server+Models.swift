import Proxy
import YAML

extension Server {
    /// Needs to know whether it's a reverse proxy.
    mutating func readModels(_ section: inout Section) throws(ConfigurationError) {
        model = try section.text("model")?.text
        modelAliases = try section.modelNames("model_aliases")
        allowedTools = try section.tools("allowed_tools")
        allowsStoredData = try section.bool("allow_stored_data") ?? false
        if isReverseProxy { try section.refuseUnread(["model_aliases"] + Section.extrasKeys) }
    }
}

extension Section {
    /// Without those that have a missing variable.
    fileprivate mutating func modelNames(_ key: String) throws(ConfigurationError) -> [String: String] {
        var names: [String: String] = [:]
        for member in try members(of: key, "from the caller's names of models to this server's") {
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
