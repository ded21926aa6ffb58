import Glibc
import Proxy

/// The format of log lines and records.
struct LogFormat {
    /// Whether log lines are JSON objects.
    let isJSON: Bool
    let style: TextStyle
    /// Records are text only on a developer's machine. On Lambda they are always JSON, because metrics are made from
    /// them, and Lambda's default format is text.
    let record: Recorder.Format

    /// - Parameter environment: `AWS_LAMBDA_LOG_FORMAT` (`JSON` or text); `AWS_SAM_LOCAL`, which SAM and the local
    ///   function URL set; `NO_COLOR`, `FORCE_COLOR` and `TERM`.
    init(_ environment: [String: String]) {
        isJSON = environment["AWS_LAMBDA_LOG_FORMAT"]?.uppercased() == "JSON"
        let isLocal = environment["AWS_SAM_LOCAL"] == "true"
        style = TextStyle(
            isColored: isLocal && Self.isColored(environment), utcOffset: isLocal && !isJSON ? Self.utcOffset : 0)
        record = isLocal && !isJSON ? .text(style) : .json
    }

    /// See https://no-color.org and https://force-color.org.
    private static func isColored(_ environment: [String: String]) -> Bool {
        let isSet = { (name: String) in environment[name]?.isEmpty == false }
        guard !isSet("NO_COLOR") else { return false }
        return isSet("FORCE_COLOR") || isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    }

    /// The offset when the program starts, in seconds.
    private static var utcOffset: Int64 {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return Int64(local.tm_gmtoff)
    }
}
