import Calendar
import JSONBytes
package import Logging

/// Writes the record of each request, as JSON or as text.
package struct Recorder: Sendable {
    package enum Format: Sendable {
        /// One line: the log, the audit and, as CloudWatch's Embedded Metric Format, the metrics.
        case json
        /// A line for people, without metrics.
        case text(TextStyle)
    }

    private let function: String
    private let level: Logger.Level
    private let format: Format
    private let output: @Sendable (_ line: [UInt8]) -> Void

    /// - Parameters:
    ///   - function: the function's name, a dimension of the metrics.
    ///   - level: the level below which nothing is written.
    ///   - output: takes one record, with its line feeds.
    package init(
        function: String, level: Logger.Level, format: Format = .json,
        output: @escaping @Sendable (_ line: [UInt8]) -> Void
    ) {
        self.function = function
        self.level = level
        self.format = format
        self.output = output
    }

    /// - Parameter now: in milliseconds since 1970.
    func write(_ record: RequestRecord, _ spent: RequestUsage?, at now: Int64) {
        guard record.level >= level else { return }
        switch format {
        case .json: output(RecordLine(record, spent, function: function, at: now).bytes)
        case .text(let style): output(Array(TextLine(record, spent, style, at: now).text.utf8))
        }
    }

    /// Writes a line about usage that couldn't be counted after the record was written. It writes none if the record
    /// already says that counting has failed, so that the metric counts each request once.
    /// - Parameter now: in milliseconds since 1970.
    func write(_ uncounted: UncountedUsage, of record: RequestRecord, at now: Int64) {
        guard !record.storeFailed, level <= .warning else { return }
        switch format {
        case .json: output(UncountedUsageLine(uncounted, record, function: function, at: now).bytes)
        case .text(let style): output(Array(TextLine(uncounted, record, style, at: now).text.utf8))
        }
    }
}

extension RequestRecord {
    /// A failure of the proxy or an upstream is a warning; a health check is only for debugging.
    var level: Logger.Level {
        switch failure?.fault {
        case .upstream, .proxy: .warning
        case .caller, .policy, nil: operation.isMeasured ? .info : .debug
        }
    }
}

extension Logger.Level {
    /// The name in Lambda's log controls.
    package var lambdaName: String {
        switch self {
        case .warning: "WARN"
        case .critical: "FATAL"
        case .notice: "INFO"
        case .trace, .debug, .info, .error: rawValue.uppercased()
        }
    }
}

/// The record of a request as a line, with names from OpenTelemetry's `gen_ai.*` where they exist. Unknown values are
/// left out. It contains no prompts, no responses and no secrets.
struct RecordLine {
    /// The limits of texts that callers and providers choose. In scalars, since a character may have any number of
    /// them.
    private static let longestName = 200
    private static let longestMessage = 300

    private var line = JSONObjectWriter(capacity: 2048)
    private var metrics: EmbeddedMetrics

    /// - Parameters:
    ///   - spent: what the request has used; nil if that isn't known.
    ///   - now: in milliseconds since 1970.
    init(_ record: RequestRecord, _ spent: RequestUsage?, function: String, at now: Int64) {
        metrics = EmbeddedMetrics(areByKey: VirtualKey.isDimension(record.keyID))
        line.add("level", record.level.lambdaName)
        line.add("timestamp", Timestamp.timestamp(max(0, now)))
        line.add("message", "request")
        addOrigin(record)
        addOutcome(record)
        addUsage(spent)
        if let cache = record.cache { addCache(cache) }
        addTimes(record, spent, at: now)
        addCounts(record)
        line.add("function", function)
        if record.operation.isMeasured { line.add("_aws", json: metrics.json(at: now)) }
        line.endLine()
    }

    /// With the line feed.
    var bytes: [UInt8] { line.bytes }
}

// MARK: - Members

extension RecordLine {
    private mutating func addOrigin(_ record: RequestRecord) {
        line.add("request_id", record.id)
        if let trace = record.traceID { line.add("trace_id", trace) }
        if let door = record.door { line.add("door", door) }
        line.add("key", record.keyID)
        if case .user(let user) = record.caller { add(user) }
        if let metadata = record.caller?.metadata, !metadata.isEmpty {
            let notes = metadata.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
            line.add("metadata", json: JSONValue.object(notes).serialized)
        }
        if let server = record.servingServer { line.add("server", server.name) }
        line.add("gen_ai.operation.name", record.operation.rawValue)
        if record.isUnrouted, let request = record.shownRequest {
            line.add("http.request.method", request.method)
            line.add("url.path", request.path)
        }
        if let model = record.requestedModel {
            line.add("gen_ai.request.model", Self.name(model, record))
        }
        if let model = record.answeredModel { line.add("gen_ai.response.model", Self.name(model, record)) }
        if record.wantsStream { line.add("stream", json: "true".utf8) }
    }

    private mutating func add(_ user: User) {
        // OpenTelemetry's names.
        if let id = user.shownID { line.add("user.id", id) } else { line.add("user.hash", user.id) }
        if let plan = user.plan { line.add("plan", plan) }
    }

    private mutating func addOutcome(_ record: RequestRecord) {
        if let status = record.status { line.add("http.response.status_code", status) }
        if let failure = record.failure {
            line.add("error.type", failure.type)
            // Other failures are described in the proxy's own words, with the owner's names and addresses.
            let quotesCaller = failure.fault == .caller || failure.fault == .policy
            let text = LogText(
                failure.detail, longest: Self.longestMessage, without: record.keys, guesses: quotesCaller)
            line.add("error.message", text.text)
        }
        if record.attempts > 0 { line.add("attempts", record.attempts) }
    }

    private static func name(_ text: String, _ record: RequestRecord) -> String {
        LogText(text, longest: longestName, without: record.keys).text
    }

    private mutating func addUsage(_ spent: RequestUsage?) {
        guard let spent else { return }
        add(.inputTokens, spent.tokens.input)
        add(.outputTokens, spent.tokens.output)
        if spent.tokens.cachedInput > 0 { line.add("gen_ai.usage.cache_read.input_tokens", spent.tokens.cachedInput) }
        if spent.tokens.isEstimate { line.add("estimated", json: "true".utf8) }
        if let cost = spent.cost { add(.cost, cost) }
    }

    private mutating func addCache(_ cache: CacheUse) {
        line.add("cache", cache.name)
        if case .bypass = cache.outcome { return }
        add(.cacheLookups, 1)
        if case .hit(_, let layer, let age, _) = cache.outcome {
            line.add("cache.layer", layer.rawValue)
            line.add("cache.age", age)
            add(.cacheHits, 1)
        }
        guard let saved = cache.saved else { return }
        add(.cacheSavedTokens, saved.tokens.input + saved.tokens.output)
        if let cost = saved.cost { add(.cacheSavedCost, cost) }
    }

    private mutating func addTimes(_ record: RequestRecord, _ spent: RequestUsage?, at now: Int64) {
        guard let meter = record.meter else { return }
        line.add("request_bytes", meter.requestBytes)
        line.add("response_bytes", meter.responseBytes)
        let seconds = { (milliseconds: Int64) in Double(max(0, milliseconds)) / 1000 }
        add(.duration, seconds(now - record.started))
        guard let first = meter.firstOutput else { return }
        add(.firstToken, seconds(first - record.started))
        guard record.wantsStream, let output = spent?.tokens.output, output > 1 else { return }
        add(.timePerToken, seconds(now - first) / Double(output - 1))
    }

    private mutating func addCounts(_ record: RequestRecord) {
        add(.requests, 1)
        if let failure = record.failure { add(.errors(of: failure.fault), 1) }
        if record.storeFailed { add(.storeFailures, 1) }
    }

    private mutating func add(_ metric: Metric, _ number: Int) {
        line.add(metric.name, number)
        metrics.note(metric)
    }

    private mutating func add(_ metric: Metric, _ number: Double) {
        line.add(metric.name, number)
        metrics.note(metric)
    }
}

/// A line about usage that couldn't be counted when a request had ended. The request's record is written earlier, since
/// at the deadline there may be no time to wait for the store. So this line carries the metric.
struct UncountedUsageLine {
    static let message =
        "the store of the limits has failed: what a request has used, or that it has ended, isn't counted yet"

    private var line = JSONObjectWriter(capacity: 1024)

    /// - Parameter now: in milliseconds since 1970.
    init(_ uncounted: UncountedUsage, _ record: RequestRecord, function: String, at now: Int64) {
        line.add("level", "WARN")
        line.add("timestamp", Timestamp.timestamp(max(0, now)))
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
