extension TablePlan {
    /// `openai_servers.yaml`.
    package var yaml: String {
        var lines: [String] = []
        for server in servers { lines += server.yaml }
        lines.append("settings:")
        lines.append("  deadline_margin: \(seconds(deadlineMargin))")
        if isAnonymous { lines.append("  allow_anonymous: true") }
        if usesDynamoDB {
            lines.append(
                "  store: {dynamodb: {table: limits, region: \(FunctionEnvironment.region), endpoint: http://d.test}}")
        }
        if denies { lines.append("  on_store_error: deny") }
        if allowsDirectInvocation { lines.append("  direct_invocation: true") }
        if !models.isEmpty { lines.append("  models:") }
        lines += models.map(\.yaml)
        if let defaultModel { lines.append("  default_model: m\(defaultModel)") }
        if !keys.isEmpty { lines.append("  virtual_keys:") }
        for key in keys { lines += key.yaml }
        if let users { lines += users.yaml }
        if let gateway { lines += gateway.yaml }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension UsersPlan {
    /// The counters have the users' IDs, not hashes, so that the invariants find them.
    fileprivate var yaml: [String] {
        var members = ["log_users: true"]
        if !quotas.isEmpty { members.append("user_limits: \(quotas.flow)") }
        members += sharedQuotas.members.map { "\($0.0): \($0.1)" }
        if let allowedServers {
            members.append("allowed_servers: \(names(of: allowedServers))")
        }
        if let cacheNamespace { members.append("cache: {namespace: \(cacheNamespace)}") }
        let issuer = SimulatedIssuer.yaml(isDiscovered: isDiscovered, members.joined(separator: ", "))
        return ["  user_id_key: \(Secrets.marker)-key-of-hashes", "  token_issuers: [\(issuer)]"]
    }
}

extension GatewayPlan {
    fileprivate var yaml: [String] {
        var members = quotas.isEmpty ? [] : ["limits: \(quotas.flow)"]
        if let allowedServers { members.append("allowed_servers: \(names(of: allowedServers))") }
        if let cacheNamespace { members.append("cache: {namespace: \(cacheNamespace)}") }
        return ["  trust_gateway: true", "  gateway_callers: {\(members.joined(separator: ", "))}"]
    }
}

private func names(of servers: [Int]) -> String { "[\(servers.map { "s\($0)" }.joined(separator: ", "))]" }

private func seconds(_ milliseconds: Int) -> String { "\(Double(milliseconds) / 1000)" }

extension ServerPlan {
    fileprivate var yaml: [String] {
        var lines = ["\(name):"]
        func add(_ text: String) { lines.append("  " + text) }
        let urls = weights.indices.map { "{url: \"\(url($0))\", weight: \(weights[$0])}" }
        add("url: [\(urls.joined(separator: ", "))]")
        if hasToken { add("token: \(token)") }
        if let model { add("model: \(model)") }
        if hasAlias { add("model_aliases: {alias: real-\(number)}") }
        if !fallbacks.isEmpty { add("fallbacks: \(names(of: fallbacks))") }
        add("num_retries: \(retries)")
        for (key, value) in limits.members { add("\(key): \(seconds(value))") }
        if !commitsEarly { add("commit_early: false") }
        if !expectsDone { add("expects_done: false") }
        if isReverseProxy { add("reverse_proxy: true") }
        if isBedrock { add("provider: bedrock") }
        if isSigned { add("region: \(FunctionEnvironment.region)") }
        if preconnects { add("preconnect: true") }
        if hasPrices {
            add("input_cost_per_token: \(Double(Self.prices.input) / 1e9)")
            add("output_cost_per_token: \(Double(Self.prices.output) / 1e9)")
        }
        if neverAsksForUsage { add("stream_usage: off") }
        for (key, value) in quotas.members { add("\(key): \(value)") }
        if let cache { add("cache: \(cache.yaml)") }
        return lines
    }
}

extension ServerTimes {
    fileprivate var members: [(String, Int)] {
        [
            ("timeout", timeout), ("connect_timeout", connect), ("ttft_timeout", firstByte),
            ("stream_idle_timeout", idle), ("keepalive_seconds", keepalive),
        ].compactMap { key, value in value.map { (key, $0) } }
    }
}

extension QuotaPlan {
    fileprivate var members: [(String, String)] {
        var members: [(String, String)] = []
        func add(_ key: String, _ value: Int?) { if let value { members.append((key, "\(value)")) } }
        add("rpm", rpm)
        add("requests_per_day", requestsPerDay)
        add("tpm", tpm)
        add("tokens_per_day", tokensPerDay)
        if let budget { members += [("max_budget", "\(budget)"), ("budget_duration", "day")] }
        add("max_parallel_requests", parallel)
        return members
    }

    fileprivate var flow: String { "{\(members.map { "\($0.0): \($0.1)" }.joined(separator: ", "))}" }
}

extension CachePlan {
    fileprivate var yaml: String {
        let layers = [("memory", usesMemory), ("tmp", usesFolder), ("dynamodb", usesDynamoDB)].filter(\.1).map(\.0)
        var members = ["ttl: \(ttl)", "layers: [\(layers.joined(separator: ", "))]"]
        if isShared { members.append("shared: true") }
        if let maxEntryBytes { members.append("max_entry_bytes: \(maxEntryBytes)") }
        if isPaced { members.append("replay_pace: original") }
        return "{\(members.joined(separator: ", "))}"
    }
}

extension KeyPlan {
    fileprivate var yaml: [String] {
        var lines = ["    - name: \(id)", "      key: \(secret)"]
        func add(_ text: String) { lines.append("      " + text) }
        if hasExpired { add("expires: 2026-01-01") }
        if let allowedServers { add("allowed_servers: \(names(of: allowedServers))") }
        if let allowedModels { add("allowed_models: [\(allowedModels.joined(separator: ", "))]") }
        for (key, value) in quotas.members { add("\(key): \(value)") }
        if let (server, quotas) = serverQuotas, !quotas.isEmpty { add("server_limits: {s\(server): \(quotas.flow)}") }
        if isOutOfCache {
            add("cache: false")
        } else if let cacheNamespace {
            add("cache: {namespace: \(cacheNamespace)}")
        }
        return lines
    }
}
