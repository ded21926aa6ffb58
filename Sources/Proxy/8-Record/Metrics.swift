import JSONBytes

/// A member of the record that is a metric in CloudWatch.
struct Metric {
    let name: StaticString
    let unit: StaticString
    /// Whether it is also recorded by key. CloudWatch bills each metric for each value of its dimensions, so only what
    /// costs money is.
    var isByKey = false

    static let requests = Metric(name: "requests", unit: "Count")
    static let storeFailures = Metric(name: "store_failures", unit: "Count")
    static let inputTokens = Metric(name: "gen_ai.usage.input_tokens", unit: "Count", isByKey: true)
    static let outputTokens = Metric(name: "gen_ai.usage.output_tokens", unit: "Count", isByKey: true)
    /// In dollars.
    static let cost = Metric(name: "cost", unit: "None", isByKey: true)
    /// Requests for which the cache was asked, and those that it answered.
    static let cacheLookups = Metric(name: "cache_lookups", unit: "Count")
    static let cacheHits = Metric(name: "cache_hits", unit: "Count")
    static let cacheSavedTokens = Metric(name: "cache_saved_tokens", unit: "Count")
    /// In dollars.
    static let cacheSavedCost = Metric(name: "cache_saved_cost", unit: "None")
    static let firstToken = Metric(name: "gen_ai.server.time_to_first_token", unit: "Seconds")
    static let duration = Metric(name: "gen_ai.server.request.duration", unit: "Seconds")
    static let timePerToken = Metric(name: "gen_ai.server.time_per_output_token", unit: "Seconds")

    static func errors(of fault: Fault) -> Metric {
        switch fault {
        case .caller: Metric(name: "caller_errors", unit: "Count")
        case .policy: Metric(name: "policy_errors", unit: "Count")
        case .upstream: Metric(name: "upstream_errors", unit: "Count")
        case .proxy: Metric(name: "proxy_errors", unit: "Count")
        }
    }
}

/// Declares which members of a record are metrics, in CloudWatch's Embedded Metric Format.
struct EmbeddedMetrics {
    private let areByKey: Bool
    private var all: [UInt8] = []
    private var byKey: [UInt8] = []

    /// - Parameter areByKey: whether the key can be a dimension.
    init(areByKey: Bool) { self.areByKey = areByKey }

    mutating func note(_ metric: Metric) {
        Self.append(metric, to: &all)
        if areByKey, metric.isByKey { Self.append(metric, to: &byKey) }
    }

    /// - Parameter now: in milliseconds since 1970.
    func json(at now: Int64) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(256 + all.count + byKey.count)
        json.append(contentsOf: #"{"Timestamp":\#(now),"CloudWatchMetrics":["#.utf8)
        json.append(contentsOf: #"{"Namespace":"OpenAIProxy","Dimensions":[["function"]],"Metrics":["#.utf8)
        json.append(contentsOf: all)
        json.append(contentsOf: "]}".utf8)
        if !byKey.isEmpty {
            json.append(contentsOf: #",{"Namespace":"OpenAIProxy","Dimensions":[["function","key"]],"Metrics":["#.utf8)
            json.append(contentsOf: byKey)
            json.append(contentsOf: "]}".utf8)
        }
        json.append(contentsOf: "]}".utf8)
        return json
    }

    private static func append(_ metric: Metric, to list: inout [UInt8]) {
        list.append(contentsOf: (list.isEmpty ? #"{"Name":""# : #",{"Name":""#).utf8)
        list.append(contentsOf: metric.name.utf8Bytes)
        list.append(contentsOf: #"","Unit":""#.utf8)
        list.append(contentsOf: metric.unit.utf8Bytes)
        list.append(contentsOf: #""}"#.utf8)
    }
}
