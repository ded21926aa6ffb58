import Transport

/// Why a request has failed, for its record.
struct Failure: Equatable {
    let fault: Fault
    /// The fault and the code, such as `upstream_timeout`.
    let type: String
    /// For the owner: without content and without secrets.
    let detail: String

    private init(_ fault: Fault, _ code: String, _ detail: String) {
        self.fault = fault
        let prefix = "\(fault.rawValue)_"
        type = code.hasPrefix(prefix) ? code : prefix + code
        self.detail = detail
    }

    init(_ error: ProxyError) {
        self.init(error.fault, error.code, error.detail)
    }

    /// An upstream's own error, which is passed on. Most 4xx are the request's own fault. A token that the server
    /// doesn't accept (401, 403) and too many requests (429), for example, are not.
    init?(upstreamStatus status: Int) {
        guard status >= 400 else { return nil }
        let isCallers = status < 500 && ![401, 402, 403, 407, 408, 425, 429].contains(status)
        self.init(isCallers ? .caller : .upstream, "\(status)", "The server answered \(status).")
    }

    /// The failure of a stream that ended before it was complete.
    /// - Parameter type: the type of a failure.
    init(type: String, detail: String) {
        fault = type.split(separator: "_").first.flatMap { Fault(rawValue: String($0)) } ?? .upstream
        self.type = type
        self.detail = detail
    }

    /// The type of a failure after the caller has gone or the process ends.
    static let canceled = "proxy_shutting_down"

    /// The server has sent nothing for too long.
    static let timedOut = "upstream_timeout"
    /// The invocation has no time left.
    static let outOfTime = "upstream_deadline_exceeded"

    /// The types of failures after which the provider may still have answered.
    static let ofWaiting = [canceled, timedOut, outOfTime]

    /// The type of an error that a provider reports inside its response.
    static let reported = "upstream_reported_error"

    /// The Runtime API didn't accept the whole response.
    static func undelivered(_ detail: String) -> Failure { Failure(.proxy, "undelivered", detail) }
}

/// Whose fault an error is, for logs and metrics.
enum Fault: String {
    case caller, policy, upstream, proxy
}
