package import Logging

/// Writes the record of each request, as JSON or as text.
package struct Recorder: Sendable {
    package enum Format: Sendable {
        /// One line: the log, the audit and, as CloudWatch's Embedded Metric Format, the metrics.
        case json
        /// For people; without metrics.
        case text(TextStyle)
    }

    private let function: String
    private let level: Logger.Level
    private let format: Format
    private let output: @Sendable (_ line: [UInt8]) -> Void

    /// - Parameters:
    ///   - function: whose metrics they are.
    ///   - level: below which nothing is written.
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

    /// What couldn't be counted after the record was written. For a record that says already that counting has failed
    /// nothing is written, so that the metric counts requests.
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
    /// A failure that isn't the caller's is worth a warning; that somebody looks whether the proxy runs, hardly a line.
    var level: Logger.Level {
        switch failure?.fault {
        case .upstream, .proxy: .warning
        case .caller, .policy, nil: operation == .health ? .debug : .info
        }
    }
}

extension Logger.Level {
    /// As Lambda's log controls name it.
    package var lambdaName: String {
        switch self {
        case .warning: "WARN"
        case .critical: "FATAL"
        case .notice: "INFO"
        case .trace, .debug, .info, .error: rawValue.uppercased()
        }
    }
}
