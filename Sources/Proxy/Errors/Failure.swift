import Transport

/// Why a request has failed, for its record.
struct Failure: Equatable {
    let fault: Fault
    /// The fault and what it was: `upstream_timeout`.
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

    /// An upstream's own error, which passes as it is. Most of the 400s are the request's own; that our token isn't
    /// good there (401, 403), or that too much is asked (429), is not.
    init?(upstreamStatus status: Int) {
        guard status >= 400 else { return nil }
        let isCallers = status < 500 && ![401, 402, 403, 407, 408, 425, 429].contains(status)
        self.init(isCallers ? .caller : .upstream, "\(status)", "The server answered \(status).")
    }

    /// An event that is no HTTP request.
    static func invalidEvent(_ detail: String) -> Failure { Failure(.caller, "invalid_event", detail) }

    /// How a stream ended before it was whole.
    /// - Parameter type: that of a failure.
    init(type: String, detail: String) {
        fault = type.split(separator: "_").first.flatMap { Fault(rawValue: String($0)) } ?? .upstream
        self.type = type
        self.detail = detail
    }

    /// The type of what ends because nobody waits for it any more.
    static let canceled = "proxy_shutting_down"

    /// The types of failures that end the wait for an answer which may still have come.
    static let ofWaiting = [canceled, "upstream_timeout", "upstream_deadline_exceeded"]

    /// The type of an error that a provider reports inside its answer.
    static let reported = "upstream_reported_error"

    /// The Runtime API didn't take the answer to its end.
    static func undelivered(_ detail: String) -> Failure { Failure(.proxy, "undelivered", detail) }
}

/// Whose fault an error is, for logs and metrics.
enum Fault: String {
    case caller, policy, upstream, proxy
}
