import Calendar
import Proxy
import YAML

extension VirtualKey {
    static let keys =
        ["name", "key", "key_hash", "id", "expires", "metadata"] + Section.permissionKeys + Section.callerLimitKeys

    /// Reads what the key allows.
    mutating func readScope(_ section: inout Section, _ servers: [ServerEntry]) throws(ConfigurationError) {
        expires = try section.moment("expires")
        permissions = try section.permissions(over: Permissions(), servers)
        metadata = try section.notes("metadata")
        limits = try section.callerLimits([permissions], servers)
    }
}

/// What a caller may use: of virtual keys and token issuers.
extension Section {
    static let permissionKeys = ["allowed_servers", "allowed_models", "cache"] + extrasKeys
    static let callerLimitKeys = ["server_limits"] + limitKeys

    /// - Parameter standard: for what isn't given here.
    mutating func permissions(
        over standard: Permissions, _ servers: [ServerEntry]
    ) throws(ConfigurationError) -> Permissions {
        var permissions = standard
        permissions.allowedServers = try self.servers("allowed_servers", among: servers) ?? standard.allowedServers
        permissions.allowedModels = try models("allowed_models") ?? standard.allowedModels
        if node("allowed_tools") != nil || isBlank("allowed_tools") {
            permissions.allowedTools = try tools("allowed_tools")
        }
        permissions.allowsStoredData = try bool("allow_stored_data") ?? standard.allowsStoredData
        permissions.caching = try callerCaching() ?? standard.caching
        return permissions
    }

    /// - Parameter permissions: of the callers, who can't reach a limit at a server that none of them may use.
    mutating func callerLimits(
        _ permissions: [Permissions], _ servers: [ServerEntry]
    ) throws(ConfigurationError) -> CallerLimits {
        var limits = CallerLimits()
        limits.quotaSet = try quotaSet()
        limits.serverQuotaSets = try serverLimits(permissions, servers)
        guard missing.isEmpty, node("max_budget") != nil else { return limits }
        guard !servers.contains(where: { $0.section.hasPrices && permissions.mayUse($0.server) }) else { return limits }
        throw error(
            "max_budget",
            "could never be reached: no server that may be used here has prices; "
                + "give one 'input_cost_per_token' and 'output_cost_per_token'")
    }

    private mutating func serverLimits(
        _ permissions: [Permissions], _ servers: [ServerEntry]
    ) throws(ConfigurationError) -> [String: QuotaSet] {
        let key = "server_limits"
        var quotaSets: [String: QuotaSet] = [:]
        for member in try members(of: key, "from server names to limits") {
            let entry = try server(member.key, key, among: servers, line: member.line)
            guard !missing.isEmpty || permissions.mayUse(entry.server) else {
                throw error(
                    key, "has '\(member.key)', which is not in 'allowed_servers'; remove it here, or add it there",
                    line: member.line)
            }
            var limits = try section(member.value, "the limits for '\(member.key)'", keys: Section.limitKeys)
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
            adopt(missing: limits.missing)
            if !quotaSet.isUnlimited { quotaSets[member.key] = quotaSet }
        }
        return quotaSets
    }
}

extension [Permissions] {
    /// Whether some of the callers may use a server.
    fileprivate func mayUse(_ server: Server) -> Bool { contains { $0.mayUse(server) } }
}

/// Allow-lists of virtual keys and token issuers. Servers also have those for tools and stored data.
extension Section {
    static let extrasKeys = ["allowed_tools", "allow_stored_data"]

    /// The types of tools that limited callers may use, besides those that callers run themselves.
    mutating func tools(_ key: String) throws(ConfigurationError) -> [ModelPattern] {
        guard !isBlank(key), try list(key)?.isEmpty != true else {
            throw error(key, "is empty; list types of tools, such as 'web_search', or remove it")
        }
        let elements = try elements(key) ?? []
        for element in elements where element.text.isEmpty {
            throw error(key, "has an empty name; name a type there, or '*' for all", line: element.line)
        }
        return elements.map { ModelPattern($0.text) }
    }

    /// In seconds since 1970.
    mutating func moment(_ key: String) throws(ConfigurationError) -> Int64? {
        guard let text = try completeText(key) else { return nil }
        guard let moment = Timestamp(text) else {
            throw error(key, "must be a date, '2027-01-31', or a time in UTC, '2027-01-31T12:00:00Z'")
        }
        return moment.seconds
    }

    /// A list that names what is allowed. An empty list is refused, because it could be read as everything or as
    /// nothing.
    mutating func allowList(_ key: String, everything: String) throws(ConfigurationError) -> [Element]? {
        guard !isBlank(key), try list(key)?.isEmpty != true else {
            throw error(key, "is empty; list what is allowed, or remove it to allow \(everything)")
        }
        return try elements(key)
    }

    mutating func servers(_ key: String, among entries: [ServerEntry]) throws(ConfigurationError) -> Set<String>? {
        guard let elements = try allowList(key, everything: "all servers") else { return nil }
        var names: Set<String> = []
        for element in elements {
            names.insert(try server(element.text, key, among: entries, line: element.line).server.name)
        }
        return names
    }

    func server(
        _ name: String, _ key: String, among entries: [ServerEntry], line: Int
    ) throws(ConfigurationError) -> ServerEntry {
        if let entry = entries.first(where: { $0.server.name == name }) { return entry }
        let hint = NearestName.hint(name, among: entries.map(\.server.name))
        throw error(key, "has an unknown server '\(name)'; \(hint)", line: line)
    }

    mutating func models(_ key: String) throws(ConfigurationError) -> [ModelPattern]? {
        guard let elements = try allowList(key, everything: "all models") else { return nil }
        for element in elements where element.text.isEmpty {
            throw error(key, "has an empty name; name a model there, or '*' for all", line: element.line)
        }
        return elements.map { ModelPattern($0.text) }
    }

    /// Names and texts that the owner chooses. Each request's record repeats them, so they must be short.
    mutating func notes(_ key: String) throws(ConfigurationError) -> [String: String] {
        let members = try members(of: key, "from names to texts")
        guard members.count <= 16 else { throw error(key, "has \(members.count) entries; keep at most 16") }
        var notes: [String: String] = [:]
        for member in members {
            let note = try text(member.value, key, line: member.line).text
            guard member.key.unicodeScalars.count <= 256, note.unicodeScalars.count <= 256 else {
                throw error(key, "has an entry of more than 256 characters; shorten it", line: member.line)
            }
            notes[member.key] = note
        }
        return notes
    }
}
