import Proxy
import Transport
import YAML

extension Settings {
    init(
        _ node: YAMLNode, _ keys: inout VirtualKeyList, for servers: [Server], _ context: LoadContext
    ) throws(ConfigurationError) {
        self.init()
        guard !node.isNull else { return }
        var section = try Section(
            node, "settings",
            keys: ["virtual_keys", "allow_anonymous", "deadline_margin", "store", "on_store_error"], context)
        allowAnonymous = try section.bool("allow_anonymous") ?? false
        try section.requireVariables("allow_anonymous")
        if let margin = try section.milliseconds("deadline_margin", from: 0.2, to: 60) {
            try section.check(margin, for: servers)
            deadlineMargin = margin
        }
        try section.requireVariables("deadline_margin")
        store = try section.store("store") ?? store
        try section.requireVariables("store")
        allowsWithoutStore =
            try section.word("on_store_error", of: ["allow": true, "deny": false]) ?? allowsWithoutStore
        try section.requireVariables("on_store_error")
        for element in try section.list("virtual_keys") ?? [] { try keys.append(element, context) }
        virtualKeys = keys.keys
    }
}

extension Section {
    /// After each value: what holds for all servers can't be left to fail with one of them.
    fileprivate func requireVariables(_ key: String) throws(ConfigurationError) {
        if let (name, problem) = problems.first { throw error(key, "needs \(name), which \(problem)") }
    }

    fileprivate func check(_ margin: Int, for servers: [Server]) throws(ConfigurationError) {
        for server in servers {
            guard let total = server.limits.total, margin >= total else { continue }
            let limit = "the 'timeout' of server '\(server.name)', which is \(total.asSeconds) s"
            throw error("deadline_margin", "must be shorter than \(limit); lower it or raise that 'timeout'")
        }
    }
}
