import Calendar
import HTTPTypes
import LambdaRuntime
import Transport

/// What a failed attempt implies for the next one.
struct FailedAttempt: Equatable {
    /// What may still be tried. Each case includes those before it.
    enum Remedy: Int, Equatable { case nothing, otherServer, otherURL, sameURL }

    let remedy: Remedy
    /// Whether there was no connection, so that the request can't have had an effect.
    var wasUnused = false
    /// How long the upstream asks to wait. In milliseconds.
    var delay: Int?
}

// MARK: - Errors

extension FailedAttempt {
    init(_ error: ProxyError, of server: Server) {
        // Another server has limits of its own. The key's limits apply at every server.
        if case .quotaExceeded(let exceeded) = error, exceeded.scope.server != nil {
            self.init(remedy: .otherServer)
            return
        }
        // Another server may speak OpenAI's protocol.
        if case .untranslatable = error {
            self.init(remedy: .otherServer)
            return
        }
        if case .upstreamSentNoAnswer(_, _, let reason, _) = error {
            // An empty or truncated body may be an accident. A web page would come again.
            self.init(remedy: reason == .empty || reason == .cutOff ? .sameURL : .otherURL)
            return
        }
        guard case .upstreamFailed(_, let error) = error else {
            self.init(remedy: .nothing)
            return
        }
        let (remedy, wasUnused) = Self.judge(error.kind)
        // Behind a reverse proxy a request may have any effect, so it is sent again only if no server has seen it.
        self.init(remedy: wasUnused || !server.isReverseProxy ? remedy : .nothing, wasUnused: wasUnused)
    }

    private static func judge(_ kind: TransportError.Kind) -> (remedy: Remedy, wasUnused: Bool) {
        switch kind {
        case .unresolved, .refused, .handshake, .connectTimeout: (.sameURL, true)
        case .reset: (.sameURL, false)
        // The same would happen again.
        case .tls, .malformed, .tooLarge, .invalidRequest: (.otherURL, false)
        // A caller who has waited for minutes shouldn't wait three times, and the provider may bill each attempt.
        case .timeout, .firstByteTimeout, .idleTimeout: (.otherURL, false)
        case .canceled, .deadline: (.nothing, false)
        }
    }
}

// MARK: - Responses

extension FailedAttempt {
    /// - Parameter prelude: the head of an upstream's own error.
    /// - Parameter now: in milliseconds since 1970.
    init(_ prelude: Prelude, of server: Server, at now: Int64) {
        let status = prelude.status.code
        let isWorthRetrying = server.retryStatuses.contains(status)
        switch prelude.fields[.shouldRetry]?.lowercased() {
        case "true": self.init(remedy: .sameURL)
        case "false" where isWorthRetrying: self.init(remedy: .otherServer)
        default:
            // Any other 4xx is the request's own fault: it would fail everywhere.
            self.init(remedy: isWorthRetrying ? .sameURL : status >= 500 ? .otherServer : .nothing)
        }
        delay = RetryAfter.milliseconds(prelude.fields, at: now)
    }
}

/// How long an upstream asks to wait: OpenAI's `retry-after-ms`, or else `retry-after` (RFC 9110, 10.2.3).
enum RetryAfter {
    /// - Parameter now: in milliseconds since 1970.
    /// - Returns: nil if there is no value that can be parsed.
    static func milliseconds(_ fields: HTTPFields, at now: Int64) -> Int? {
        if let wait = fields[.retryAfterMilliseconds].flatMap({ number($0, times: 1) }) { return wait }
        guard let text = fields[.retryAfter] else { return nil }
        return number(text, times: 1000) ?? HTTPDate.seconds(text).map { max(0, Int($0 * 1000 - now)) }
    }

    /// The standard has no fractions, but OpenAI's SDKs accept them.
    private static func number(_ text: String, times factor: Double) -> Int? {
        // `Double` would also accept "inf" and "0x1p3".
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        return Double(text).map { Int(min(($0 * factor).rounded(.up), longest)) }
    }

    /// A bound that makes no difference, so that arithmetic can't overflow. In milliseconds: about 30 years.
    private static let longest = 1e12
}

/// How long to wait before a server is asked again: exponential with full jitter, so that clients which failed together
/// don't retry together (AWS Architecture Blog, "Exponential Backoff And Jitter").
enum Backoff {
    private static let base = 500.0
    private static let longest = 8000.0

    /// - Parameter tries: how many there have been, at least one.
    /// - Parameter random: a number from 0 up to, but not including, 1.
    static func milliseconds(after tries: Int, _ random: Double) -> Int {
        let doubled = base * Double(UInt64(1) << UInt64(min(tries - 1, 16)))
        return Int(random * min(longest, doubled))
    }
}

/// A random order in which larger weights tend to come first.
enum WeightedOrder {
    /// Draws without replacement, each draw by weight.
    /// - Parameter random: a number from 0 up to, but not including, 1.
    static func draw(_ weights: [Int], _ random: () -> Double) -> [Int] {
        var left = Array(weights.indices)
        var order: [Int] = []
        while left.count > 1 {
            let total = left.reduce(0.0) { $0 + Double(weights[$1]) }
            var rest = random() * total
            let chosen = left.indices.first { position in
                rest -= Double(weights[left[position]])
                return rest < 0
            }
            order.append(left.remove(at: chosen ?? left.count - 1))
        }
        return order + left
    }
}
