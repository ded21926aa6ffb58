/// The table of a life, as numbers that the invariants understand.
package struct TablePlan {
    package var servers: [ServerPlan] = []
    package var keys: [KeyPlan] = []
    /// Those who log in at `SimulatedIssuer`; nil if no token opens the table.
    package var users: UsersPlan?
    /// The names of `settings.models`.
    package var models: [NamedModelPlan] = []
    /// The name that stands for a request without a model.
    package var defaultModel: Int?
    /// Those whom API Gateway has checked; nil if its word doesn't count.
    package var gateway: GatewayPlan?
    package var isAnonymous = false
    package var usesDynamoDB = false
    /// `on_store_error: deny`.
    package var denies = false
    /// In milliseconds.
    package var deadlineMargin = 1000
    package var allowsDirectInvocation = false
}

/// One server of the table.
package struct ServerPlan {
    package let number: Int
    /// The weight of each URL.
    package var weights = [1]
    package var hasToken = true
    package var model: String?
    package var hasAlias = false
    /// Numbers of servers.
    package var fallbacks: [Int] = []
    package var retries = 2
    package var limits = ServerTimes()
    package var commitsEarly = true
    package var expectsDone = true
    package var isReverseProxy = false
    /// `provider: bedrock`.
    package var isBedrock = false
    /// Whether requests are signed with the function's own credentials.
    package var isSigned = false
    package var preconnects = false
    package var hasPrices = false
    package var quotas = QuotaPlan()
    package var cache: CachePlan?
    /// `stream_usage: off`.
    package var neverAsksForUsage = false

    /// Of a token, in billionths of a dollar.
    static let prices = (input: 1_000_000, output: 2_000_000)

    /// Of a request, in billionths of a dollar.
    static func cost(_ input: Int, _ output: Int) -> Int { input * prices.input + output * prices.output }

    package var name: String { "s\(number)" }
    /// The secret that the server's provider wants, and that opens the server.
    package var token: String { "sk-token-of-\(Secrets.marker)-s\(number)" }
    package func url(_ index: Int) -> String { "http://u\(number)\(index).test\(isBedrock ? "" : "/v1")" }
}

/// In milliseconds; nil for the default.
package struct ServerTimes {
    package var timeout: Int?
    package var connect: Int?
    package var firstByte: Int?
    package var idle: Int?
    package var keepalive: Int?
}

/// Limits of a key or a server; nil for none.
package struct QuotaPlan: Equatable {
    package var rpm: Int?
    package var requestsPerDay: Int?
    package var tpm: Int?
    package var tokensPerDay: Int?
    /// In dollars.
    package var budget: Double?
    package var parallel: Int?

    package var isEmpty: Bool { self == QuotaPlan() }
    package var countsTokens: Bool { tpm != nil || tokensPerDay != nil || budget != nil }
}

package struct CachePlan {
    package var ttl = 3600
    package var isShared = false
    package var usesFolder = false
    package var usesDynamoDB = false
    package var maxEntryBytes: Int?
    /// Whether stored streams come as slowly as they came first.
    package var isPaced = false
}

/// A client's key.
package struct KeyPlan {
    package let number: Int
    package var quotas = QuotaPlan()
    /// At one server: its number, and the limits there.
    package var serverQuotas: (server: Int, quotas: QuotaPlan)?
    /// Numbers of servers; nil for all.
    package var allowedServers: [Int]?
    package var allowedModels: [String]?
    package var cacheNamespace: String?
    package var isOutOfCache = false
    package var hasExpired = false

    package var id: String { "k\(number)" }
    package var secret: String { "sk-key-of-k\(number)-\(Secrets.marker)-0123456789" }
}

/// Users who log in, each with a token of `SimulatedIssuer`.
package struct UsersPlan {
    /// Whether the proxy must ask the issuer where its keys are.
    package var isDiscovered = false
    /// Of each user.
    package var quotas = QuotaPlan()
    /// Of all users together.
    package var sharedQuotas = QuotaPlan()
    /// Numbers of servers; nil for all.
    package var allowedServers: [Int]?
    package var cacheNamespace: String?
}

/// Callers with a key of API Gateway.
package struct GatewayPlan {
    /// The IDs of their keys.
    static let keys = ["one", "two"]

    /// Of each caller.
    package var quotas = QuotaPlan()
    /// Numbers of servers; nil for all.
    package var allowedServers: [Int]?
    package var cacheNamespace: String?
}

/// What no output may contain.
package enum Secrets {
    /// Part of every secret, and of nothing else. Messages about wrong keys show a key's first eight characters, and its
    /// last four.
    package static let marker = "Zq9X"

    /// The function's own credentials, as Lambda passes them.
    package static let environment = ["AWS_ACCESS_KEY_ID": "AKIASIMULATED", "AWS_SECRET_ACCESS_KEY": "\(marker)-aws"]
    /// Where AWS's services are.
    package static let region = "us-east-1"

    /// Whether a text has a secret.
    /// - Parameter orTokens: or a user's token.
    static func isIn(_ text: String.UTF8View, orTokens: Bool) -> Bool {
        text.withContiguousStorageIfAvailable { isIn(UnsafeRawBufferPointer($0), orTokens: orTokens) }
            ?? isIn(Array(text), orTokens: orTokens)
    }

    static func isIn(_ bytes: [UInt8], orTokens: Bool) -> Bool {
        bytes.withUnsafeBytes { isIn($0, orTokens: orTokens) }
    }

    /// All tokens begin with `{"alg":"`, in base64.
    private static func isIn(_ bytes: UnsafeRawBufferPointer, orTokens: Bool) -> Bool {
        bytes.hasText("Zq9X") || orTokens && bytes.hasText("eyJhbGciOi")
    }
}

// MARK: - The file

extension TablePlan {
    /// `openai_servers.yaml`.
    package var yaml: String {
        var lines: [String] = []
        for server in servers { lines += server.yaml }
        lines.append("settings:")
        lines.append("  deadline_margin: \(seconds(deadlineMargin))")
        if isAnonymous { lines.append("  allow_anonymous: true") }
        if usesDynamoDB {
            lines.append("  store: {dynamodb: {table: limits, region: \(Secrets.region), endpoint: http://d.test}}")
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
        if isSigned { add("region: \(Secrets.region)") }
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
        let layers = ["memory"] + (usesFolder ? ["tmp"] : []) + (usesDynamoDB ? ["dynamodb"] : [])
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
