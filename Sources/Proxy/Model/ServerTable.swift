package import HTTPTypes
package import Transport

/// What `openai_servers.yaml` says.
package struct ServerTable: Sendable, Equatable {
    /// In the order of the file.
    package var servers: [Server]
    package var settings: Settings

    package init(servers: [Server], settings: Settings = Settings()) {
        self.servers = servers
        self.settings = settings
    }
}

/// What holds for all servers.
package struct Settings: Sendable, Equatable {
    package var virtualKeys: [VirtualKey] = []
    /// Whoever knows the address may call. Off unless the owner says so.
    package var allowAnonymous = false
    /// Kept back from an invocation's time, to tell the caller what has happened. In milliseconds.
    package var deadlineMargin = 1000
    /// Where it is counted what has been used.
    package var store = StoreLocation.memory
    /// Whether a request may pass when it can't be counted.
    package var allowsWithoutStore = true

    package init() {}
}

package enum StoreLocation: Sendable, Equatable {
    /// In this process, which knows of no other.
    case memory
    /// - Parameters:
    ///   - region: nil for that of the function.
    ///   - endpoint: the URL, without a slash at its end; nil for AWS's own.
    case dynamoDB(table: String, region: String?, endpoint: String?)
}

/// One upstream of the table: where it is, how to log in there, and what of it is open.
package struct Server: Sendable, Equatable {
    /// The first segment of the paths that lead here.
    package var name: String
    /// At least one; equally good places to ask, each about as often as its weight says.
    package var urls: [WeightedURL]
    package var token: Secret?
    /// Filled in where a body names no model. May be empty: some providers want it so.
    package var model: String?
    /// Everything behind `/<server>` goes to `url` as it is, any method, any path.
    package var isReverseProxy = false
    /// The header that carries the bare token instead of `Authorization: Bearer`.
    package var authHeader: HTTPField.Name?
    /// What is open besides `Endpoint.standard`.
    package var endpoints: [EndpointPattern] = []
    /// Fields of the caller's request that travel up besides `RequestFields.allowed`.
    package var forwardHeaders: [HTTPField.Name] = []
    /// What other names of models stand for here.
    package var modelAliases: [String: String] = [:]
    /// The names of the servers that are asked in turn when this one fails.
    package var fallbacks: [String] = []
    /// How often a request is tried again.
    package var retries = 2
    /// The statuses that are worth another try, as OpenAI's SDKs see it; 529 is Anthropic's "overloaded".
    package var retryStatuses: Set<Int> = [408, 409, 429, 500, 502, 503, 504, 529]
    /// OpenAI's SDKs wait 600 s for an answer to begin, and Node's fetch 300 s between two bytes. `silence` is nil if
    /// no keepalive is wanted.
    package var limits: TimeLimits
    /// Answer a caller who wants a stream before the upstream does, if that stays silent.
    package var commitsEarly = true
    /// Whether a stream that ends without its terminal event is incomplete.
    package var expectsDone = true
    /// Connect during init.
    package var preconnects = false
    /// The tools of its own that callers may use whose models, tokens or costs are limited.
    package var allowedTools: [ModelPattern] = []
    /// Whether such callers may name what it has stored.
    package var allowsStoredData = false
    /// What all callers together may use of it.
    package var quotaSet = QuotaSet()
    package var prices = PriceList()
    /// Ask for the usage at the end of a stream when the caller doesn't, and keep it from the caller.
    package var asksForUsage = false
    /// Environment variables that the table names and that aren't set: requests fail until they are.
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

    /// What an alias stands for; nil if it is none. Compared by bytes: to hash or compare a string that isn't ASCII takes
    /// time that grows with the square of its combining marks.
    func meaning(of name: String) -> String? {
        modelAliases.first { $0.key.utf8.elementsEqual(name.utf8) }?.value
    }
}

/// One of the places at which a server can be reached.
package struct WeightedURL: Sendable, Equatable {
    /// Without a slash at its end, percent-encoded.
    package var text: String
    /// At least 1.
    package var weight: Int

    package init(_ text: String, weight: Int = 1) {
        self.text = text
        self.weight = weight
    }
}
