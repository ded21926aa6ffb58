import Proxy
import YAML

extension Settings {
    init(_ node: YAMLNode, _ keys: inout VirtualKeyList, _ context: LoadContext) throws(ConfigurationError) {
        self.init()
        guard !node.isNull else { return }
        var section = try Section(node, "settings", keys: ["virtual_keys", "allow_anonymous"], context)
        allowAnonymous = try section.bool("allow_anonymous") ?? false
        if let name = section.missing.first {
            throw section.error("allow_anonymous", "needs \(name), which is not set")
        }
        for element in try section.list("virtual_keys") { try keys.append(element, context) }
        virtualKeys = keys.keys
    }
}
