import Proxy
import Transport
import YAML

extension Settings {
    /// - Parameter cache: becomes the policy of servers that don't have their own.
    init(
        _ node: YAMLNode, _ keys: inout VirtualKeyList, _ issuers: inout TokenIssuerList,
        _ cache: inout CachePolicy?, for entries: [ServerEntry], _ context: LoadContext
    ) throws(ConfigurationError) {
        self.init()
        guard !node.isNull else { return }
        var section = try Section(
            node, "settings",
            keys: [
                "virtual_keys", "token_issuers", "user_id_key", "models", "default_model", "allow_anonymous",
                "deadline_margin", "store", "on_store_error", "playground", "cache",
            ] + FrontDoorSettings.keys, context)
        let servers = entries.map(\.server)
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
        cache = try section.sharedCache(&cacheSizes, store)
        try section.requireVariables("cache")
        playground = try section.bool("playground")
        if playground == true, servers.contains(where: { $0.name == "playground" }) {
            throw section.error("playground", "is also the name of a server; rename that server, or turn this off")
        }
        try section.requireVariables("playground")
        let models = try NamedModelList(section, for: servers)
        (self.models, defaultModel) = (models.models, models.defaultModel)
        for element in try section.list("virtual_keys") ?? [] { try keys.append(element, context) }
        virtualKeys = keys.keys
        for element in try section.list("token_issuers") ?? [] { try issuers.append(element, keys, context) }
        tokenIssuers = issuers.issuers
        try frontDoors.read(&section, entries, context)
        let hasUsers = !tokenIssuers.isEmpty || frontDoors.gatewayCallers != nil
        userIDKey = try section.userIDKey(isNeeded: hasUsers, context.environment)
    }
}

extension Section {
    /// Called after each setting. A missing variable in a setting is an error, because it concerns all servers.
    func requireVariables(_ key: String) throws(ConfigurationError) {
        if let (name, problem) = problems.first { throw error(key, "needs \(name), which \(problem)") }
    }

    /// `user_id_key`, else the environment variable `USER_ID_KEY`; nil if neither is given.
    /// - Parameter isNeeded: whether anything uses it, so that the variable counts.
    fileprivate mutating func userIDKey(
        isNeeded: Bool, _ environment: [String: String]
    ) throws(ConfigurationError) -> Secret? {
        let (key, variable) = ("user_id_key", "USER_ID_KEY")
        var text = try completeText(key) ?? ""
        var words = "is"
        if text.isEmpty, isNeeded, missing.isEmpty {
            switch VariableValue(environment[variable], for: .secret) {
            case .empty: return nil
            case .unusable: adopt(missing: [variable])
            case .bytes(let bytes): text = String(decoding: bytes, as: UTF8.self)
            }
            words = "comes from \(variable), which is"
        }
        try requireVariables(key)
        guard !text.isEmpty else { return nil }
        guard text.utf8.count >= 16 else {
            throw error(
                key,
                "\(words) shorter than 16 bytes, so it can be guessed; make a longer one with 'openssl rand -hex 24'")
        }
        return Secret(text)
    }

    fileprivate func check(_ margin: Int, for servers: [Server]) throws(ConfigurationError) {
        for server in servers {
            guard let total = server.limits.total, margin >= total else { continue }
            let limit = "the 'timeout' of server '\(server.name)', which is \(total.asSeconds) s"
            throw error("deadline_margin", "must be shorter than \(limit); lower it or raise that 'timeout'")
        }
    }
}

extension Section {
    mutating func store(_ key: String) throws(ConfigurationError) -> StoreLocation? {
        guard let node = node(key) else { return nil }
        guard case .mapping(let members) = node.value else { return try namedStore(key) }
        guard !members.isEmpty else { throw error(key, "is empty; \(Self.knownStores)") }
        let place = try section(node, "'\(key)'", keys: ["dynamodb"])
        guard let table = place.node("dynamodb") else { throw place.error("dynamodb", "needs 'table' below it") }
        var section = try place.section(table, "'dynamodb'", keys: ["table", "region", "endpoint"])
        let found = try section.dynamoDB()
        adopt(missing: section.missing)
        return found
    }

    private static let knownStores = "use 'memory' or '{dynamodb: {table: …}}'"

    private mutating func namedStore(_ key: String) throws(ConfigurationError) -> StoreLocation? {
        guard let name = try completeText(key) else { return nil }
        guard name == "memory" else { throw error(key, "can't be '\(name)'; \(Self.knownStores)") }
        return .memory
    }

    private mutating func dynamoDB() throws(ConfigurationError) -> StoreLocation? {
        guard node("table") != nil else { throw error("table", "is missing; give the name of a DynamoDB table") }
        let table = try completeText("table")
        // So that a table of servers can be for AWS and for one's own machine: `${PROXY_LIMITS_TABLE:-}`.
        guard table != "" else { return .memory }
        if let table, !(3...255).contains(table.utf8.count) || !Self.isPlain(table, besides: "_.-") {
            throw error("table", "must be 3 to 255 letters, digits, '_', '.' and '-'")
        }
        let region = try completeText("region")
        if let region, !Self.isPlain(region, besides: "-") {
            throw error("region", "must be the name of a region, such as 'eu-west-1'")
        }
        var endpoint: String?
        if let text = try text("endpoint"), !text.text.isEmpty { endpoint = try checkedURL(text, "endpoint") }
        guard let table else { return nil }
        return .dynamoDB(table: table, region: region?.isEmpty == true ? nil : region, endpoint: endpoint)
    }
}
