package import HTTPTypes
package import Transport

/// The contents of `openai_servers.yaml`.
package struct ServerTable: Sendable, Equatable {
    /// In the order of the file.
    package var servers: [Server]
    package var settings: Settings

    package init(servers: [Server], settings: Settings = Settings()) {
        self.servers = servers
        self.settings = settings
    }
}

/// What applies to all servers.
package struct Settings: Sendable, Equatable {
    package var virtualKeys: [VirtualKey] = []
    package var tokenIssuers: [TokenIssuer] = []
    /// The key of the hashes that stand for users in logs and counters; nil for one that isn't secret.
    package var userIDKey: Secret?
    /// The names of models on the address that all servers share, besides `server/model`.
    package var models: [NamedModel] = []
    /// What stands there for a request that names no model: a name, or `server/model`.
    package var defaultModel: String?
    /// Whether the playground is served; nil where the table doesn't say.
    package var playground: Bool?
    /// Whether callers without a key are let in.
    package var allowAnonymous = false
    /// The time that is reserved at the end of an invocation for the error response. In milliseconds.
    package var deadlineMargin = 1000
    /// Where usage is counted.
    package var store = StoreLocation.memory
    /// Whether a request may pass if it can't be counted.
    package var allowsWithoutStore = true
    package var cacheSizes = CacheSizes()
    package var frontDoors = FrontDoorSettings()

    package init() {}
}

package enum StoreLocation: Sendable, Equatable {
    /// In this process only.
    case memory
    /// - Parameters:
    ///   - region: nil for that of the function.
    ///   - endpoint: the URL, without a slash at its end; nil for AWS's own.
    case dynamoDB(table: String, region: String?, endpoint: String?)
}

/// One upstream of the table: its URLs, its token, and what callers may use.
package struct Server: Sendable, Equatable {
    /// The first segment of the paths that lead here.
    package var name: String
    /// At least one. Requests are distributed over them by weight.
    package var urls: [WeightedURL]
    package var token: Secret?
    /// The protocol of its provider.
    package var provider = Provider.openAI
    /// Filled in if the body names no model. May be empty, as some providers require.
    package var model: String?
    /// Whether everything after `/<server>` goes to `url` unchanged, with any method and path.
    package var isReverseProxy = false
    /// The header that carries the bare token instead of `Authorization: Bearer`.
    package var authHeader: HTTPField.Name?
    /// Endpoints that are open besides `Endpoint.standard`.
    package var endpoints: [EndpointPattern] = []
    /// The caller's header fields that are forwarded besides `RequestFields.allowed`.
    package var forwardHeaders: [HTTPField.Name] = []
    /// The model that each alias stands for.
    package var modelAliases: [String: String] = [:]
    /// The names of the servers that are asked in turn if this one fails.
    package var fallbacks: [String] = []
    /// How often a failed request is retried.
    package var retries = 2
    /// The statuses that are retried: those that OpenAI's SDKs retry, and 529, Anthropic's "overloaded".
    package var retryStatuses: Set<Int> = [408, 409, 429, 500, 502, 503, 504, 529]
    /// The defaults follow the clients: OpenAI's SDKs wait 600 s for a response to begin, and Node's fetch 300 s
    /// between two bytes. `silence` is nil if no keepalives are wanted.
    package var limits: TimeLimits
    /// Whether a streamed response begins before the upstream answers, if the upstream stays silent.
    package var commitsEarly = true
    /// Whether a stream that ends without its terminal event is incomplete.
    package var expectsDone = true
    /// Whether to connect during init.
    package var preconnects = false
    /// The provider's tools that callers may use even if their models, tokens or costs are limited.
    package var allowedTools: [ModelPattern] = []
    /// Whether such callers may refer to data that the provider has stored.
    package var allowsStoredData = false
    /// What all callers together may use.
    package var quotaSet = QuotaSet()
    package var prices = PriceList()
    /// Whether a stream's usage is requested even if the caller doesn't ask, and then hidden from the caller.
    package var asksForUsage = false
    /// How its responses are cached; nil if they aren't.
    package var cache: CachePolicy?
    /// Environment variables that the table names but that aren't set. Requests to the server fail until they are.
    package var missingVariables: [String] = []

    package init(name: String, url: String) {
        self.name = name
        urls = [WeightedURL(url)]
        limits = TimeLimits()
        limits.firstByte = 600_000
        limits.idle = 300_000
        limits.total = 900_000
        limits.silence = 15_000
    }
}

extension Server {
    /// The names in `modelAliases`, always in the same order.
    var aliases: [String] { modelAliases.keys.sorted() }

    /// The model that an alias stands for; nil if the name isn't an alias. Compared by bytes: hashing or comparing a
    /// non-ASCII string takes time quadratic in its combining marks.
    func meaning(of name: String) -> String? {
        modelAliases.first { $0.key.utf8.elementsEqual(name.utf8) }?.value
    }
}

/// The protocol of a server.
package enum Provider: Sendable, Equatable {
    case openAI
    /// Amazon Bedrock's Converse, and its InvokeModel for embeddings.
    case bedrock
}

/// The region and the service for which requests are signed with the function's AWS credentials, in place of a token.
package struct AWSSigning: Sendable, Equatable {
    /// Such as `us-east-1`.
    package var region: String
    /// The service's name in signatures, such as `bedrock`.
    package var service: String

    package init(region: String, service: String) {
        self.region = region
        self.service = service
    }
}

/// One of a server's URLs.
package struct WeightedURL: Sendable, Equatable {
    /// Without a slash at its end, percent-encoded.
    package var text: String
    /// At least 1.
    package var weight: Int
    /// How requests to this URL are signed; nil for a server with a token, or without either.
    package var signing: AWSSigning?

    package init(_ text: String, weight: Int = 1) {
        self.text = text
        self.weight = weight
    }
}
