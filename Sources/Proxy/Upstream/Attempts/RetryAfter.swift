import Calendar
import HTTPTypes

/// When an upstream wants to be asked again: `retry-after-ms` as OpenAI has it, else `retry-after` (RFC 9110, 10.2.3).
enum RetryAfter {
    /// - Parameter now: in milliseconds since 1970.
    /// - Returns: nil if the upstream says nothing that can be understood.
    static func milliseconds(_ fields: HTTPFields, at now: Int64) -> Int? {
        if let wait = fields[.retryAfterMilliseconds].flatMap({ number($0, times: 1) }) { return wait }
        guard let text = fields[.retryAfter] else { return nil }
        return number(text, times: 1000) ?? HTTPDate.seconds(text).map { max(0, Int($0 * 1000 - now)) }
    }

    /// The standard has no fractions; OpenAI's SDKs read them.
    private static func number(_ text: String, times factor: Double) -> Int? {
        // `Double` would read "inf" and "0x1p3" too.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        return Double(text).map { Int(min(($0 * factor).rounded(.up), longest)) }
    }

    /// Beyond it nothing makes a difference, and arithmetic can't overflow. In milliseconds: about 30 years.
    private static let longest = 1e12
}
