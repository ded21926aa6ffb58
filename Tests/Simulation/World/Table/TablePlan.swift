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

    var hasCache: Bool { servers.contains { $0.cache != nil } }
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
    package var usesMemory = true
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
