import Proxy
import YAML

extension VirtualKey {
    static let keys =
        [
            "name", "key", "key_hash", "id", "expires", "allowed_servers", "allowed_models", "metadata",
            "server_limits",
        ] + Section.extrasKeys + Section.limitKeys

    /// Reads what may be done with it.
    mutating func readScope(_ section: inout Section, _ servers: [ServerEntry]) throws(ConfigurationError) {
        expires = try section.moment("expires")
        allowedServers = try section.servers("allowed_servers", among: servers)
        allowedModels = try section.models("allowed_models")
        allowedTools = try section.tools("allowed_tools")
        allowsStoredData = try section.bool("allow_stored_data") ?? false
        metadata = try section.notes("metadata")
        quotaSet = try section.quotaSet()
        try readServerLimits(&section, servers)
        guard section.missing.isEmpty, section.node("max_budget") != nil else { return }
        guard !servers.contains(where: { $0.section.hasPrices && mayUse($0.server) }) else { return }
        throw section.error(
            "max_budget",
            "could never be reached: no server that this key may use has prices; "
                + "give one 'input_cost_per_token' and 'output_cost_per_token'")
    }

    private mutating func readServerLimits(
        _ section: inout Section, _ servers: [ServerEntry]
    ) throws(ConfigurationError) {
        let key = "server_limits"
        for member in try section.members(of: key, "from servers' names to limits") {
            let entry = try section.server(member.key, key, among: servers, line: member.line)
            guard !section.missing.isEmpty || mayUse(entry.server) else {
                throw section.error(
                    key, "has '\(member.key)', which is not among 'allowed_servers'; take it out, or add it there",
                    line: member.line)
            }
            var limits = try section.section(
                member.value, "the limits for '\(member.key)'", keys: Section.limitKeys)
            if entry.server.isReverseProxy {
                try limits.refuseUnread(Section.usageLimitKeys, of: "'reverse_proxy' of that server")
            }
            let quotaSet = try limits.quotaSet()
            guard limits.node("max_budget") == nil || entry.section.hasPrices else {
                throw limits.error(
                    "max_budget",
                    "could never be reached: that server has no prices; "
                        + "give it 'input_cost_per_token' and 'output_cost_per_token'")
            }
            section.adopt(missing: limits.missing)
            if !quotaSet.isUnlimited { serverQuotaSets[member.key] = quotaSet }
        }
    }
}
