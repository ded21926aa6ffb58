import Glibc
import JSONBytes
import Logging
import Proxy

/// Writes log lines to standard error, where Lambda collects them: as text, or as JSON if the function's log format is
/// JSON.
struct ConsoleLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let format: LogFormat

    /// - Parameter environment: has the variables of `LogFormat`, and `AWS_LAMBDA_LOG_LEVEL` (info by default).
    init(_ environment: [String: String]) {
        format = LogFormat(environment)
        logLevel = Self.level(environment["AWS_LAMBDA_LOG_LEVEL"]?.lowercased())
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        if format.isJSON {
            let members = all.map { (key: $0.key, value: JSONValue.string("\($0.value)")) }
            let line = JSONValue.object(
                [
                    ("level", .string(event.level.lambdaName)), ("message", .string("\(event.message)")),
                ] + members
            ).serialized
            Self.write(String(decoding: line, as: UTF8.self) + "\n")
        } else {
            let members = all.map { " \($0.key)=\"\($0.value)\"" }.joined()
            let level = format.style.paint("\(event.level)", event.level.color)
            Self.write(level + ": " + TextStyle.printable("\(event.message)\(members)") + "\n")
        }
    }

    static func write(_ line: String) { write(Array(line.utf8), to: STDERR_FILENO) }

    /// One call for each line, so that lines don't mix.
    static func write(_ line: [UInt8], to descriptor: Int32) {
        _ = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Lambda's names for log levels.
    private static func level(_ name: String?) -> Logger.Level {
        switch name {
        case "trace": .trace
        case "debug": .debug
        case "warn": .warning
        case "error": .error
        case "fatal": .critical
        default: .info
        }
    }
}

extension Logger.Level {
    fileprivate var color: TextStyle.Color? {
        switch self {
        case .trace, .debug: .faint
        case .info, .notice: nil
        case .warning: .yellow
        case .error, .critical: .red
        }
    }
}
