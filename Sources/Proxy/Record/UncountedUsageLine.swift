import Calendar
import JSONBytes

/// A line about what couldn't be counted when a request had ended. Its record is written before that, since at the
/// deadline there may be no time left to wait for a store; so this line brings the metric.
struct UncountedUsageLine {
    static let message =
        "the store of the limits has failed: what a request has used, or that it has ended, isn't counted yet"

    private var line = JSONObjectWriter(capacity: 1024)

    /// - Parameter now: in milliseconds since 1970.
    init(_ uncounted: UncountedUsage, _ record: RequestRecord, function: String, at now: Int64) {
        line.add("level", "WARN")
        line.add("timestamp", Moment.timestamp(max(0, now)))
        line.add("message", Self.message)
        line.add("request_id", record.id)
        line.add("key", record.keyID)
        if let server = record.server { line.add("server", server.name) }
        line.add("error.message", uncounted.error.detail)
        if uncounted.owed.tokens > 0 { line.add("owed_tokens", uncounted.owed.tokens) }
        if uncounted.owed.cost > 0 { line.add("owed_cost", Double(uncounted.owed.cost) / 1e9) }
        line.add(Metric.storeFailures.name, 1)
        line.add("function", function)
        var metrics = EmbeddedMetrics(areByKey: false)
        metrics.note(.storeFailures)
        line.add("_aws", json: metrics.json(at: now))
        line.endLine()
    }

    /// With the line feed.
    var bytes: [UInt8] { line.bytes }
}
