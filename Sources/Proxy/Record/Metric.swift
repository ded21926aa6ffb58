/// A member of the record that CloudWatch takes for a metric.
struct Metric {
    let name: StaticString
    let unit: StaticString
    /// CloudWatch bills each metric for each value of its dimensions, so by key there are only those that bills are made
    /// of.
    var isByKey = false

    static let requests = Metric(name: "requests", unit: "Count")
    static let storeFailures = Metric(name: "store_failures", unit: "Count")
    static let inputTokens = Metric(name: "gen_ai.usage.input_tokens", unit: "Count", isByKey: true)
    static let outputTokens = Metric(name: "gen_ai.usage.output_tokens", unit: "Count", isByKey: true)
    /// In dollars.
    static let cost = Metric(name: "cost", unit: "None", isByKey: true)
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
