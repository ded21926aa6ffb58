import HTTPTypes
import LambdaRuntime
import Transport

/// The servers that have refused a request for a stream's usage. For a while they aren't asked for it.
///
/// `@unchecked Sendable`: used on the loop only.
final class UsageRefusals: @unchecked Sendable {
    /// After this time, usage is requested again: the server may have been updated, or the refusal may have been the
    /// request's own fault. In milliseconds.
    private static let kept: Int64 = 3_600_000

    /// The time of each server's last refusal, by name. In milliseconds since 1970.
    private var moments: [String: Int64] = [:]

    /// Stops asking for usage on this route if the server has refused lately.
    func apply(to route: inout Route, at now: Int64) {
        guard route.asksForUsage, let moment = moments[route.server.name], now - moment < Self.kept else { return }
        route.asksForUsage = false
    }

    /// - Returns: whether it is the server's first refusal.
    func note(_ server: String, at now: Int64) -> Bool {
        defer { moments[server] = now }
        return moments[server] == nil
    }
}

extension UpstreamRequest {
    /// Whether a server has refused because the proxy asked for usage that the caller hadn't asked for.
    func wasRefusedForUsage(_ outcome: Outcome, on route: Route) -> Bool {
        guard case .success(.whole(let prelude, _)) = outcome, hidesUsage(on: route) else { return false }
        switch prelude.status.code {
        // These statuses have other causes, whatever the message says.
        case ..<400, 401, 402, 403, 404, 408, 413, 429: return false
        // Only a second request shows whether this field was the cause.
        case 400, 422: return meter.usageRefusal != nil
        default: return meter.usageRefusal == .named
        }
    }
}

/// How a provider's error mentions the option that requests a stream's usage.
enum UsageRefusal: Equatable {
    /// It names the option, in any spelling: `stream_options`, "Stream options", `stream\u005foptions`.
    case named
    /// It rejects an unknown field without naming it, as some validators do.
    case general

    private static let names: [StaticString] = ["streamoptions", "includeusage"]
    private static let phrases: [StaticString] = [
        "additionalproperties", "additionalfields", "additionalparameters", "extrainput", "extrafield",
        "extraparameter",
        "extrakey", "extraproperties", "extraargument", "notpermitted",
    ]
    private static let doubts: [StaticString] = [
        "unknown", "unrecogni", "unexpected", "unsupported", "notsupport", "notallowed", "notrecogni",
    ]
    /// The largest distance between a doubt and a noun. In bytes.
    private static let farthest = 48
    private static let nouns: [StaticString] = [
        "field", "parameter", "argument", "property", "properties", "key", "option", "member",
    ]

    /// Nil if the error is about something else. Reads each byte a few times and copies none.
    init?(_ error: [UInt8]) {
        let isGeneral: Bool? = error.withUnsafeBytes { error in
            var isGeneral = false
            var (doubt, noun) = (-error.count, -error.count)
            for start in error.indices where error.isStartOfLetter(start) {
                if error.hasWord(of: Self.names, at: start) { return nil }
                guard !isGeneral else { continue }
                if error.hasWord(of: Self.doubts, at: start) { doubt = start }
                if error.hasWord(of: Self.nouns, at: start) { noun = start }
                let areNear = min(doubt, noun) >= 0 && abs(doubt - noun) <= Self.farthest
                isGeneral = areNear || error.hasWord(of: Self.phrases, at: start)
            }
            return isGeneral
        }
        switch isGeneral {
        case nil: self = .named
        case true?: self = .general
        case false?: return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The limit of separators between two letters of a name. In characters.
    private static let longestGap = 4
    /// The limit of consecutive backslashes, which nested texts have.
    private static let longestRun = 8

    fileprivate func isStartOfLetter(_ start: Int) -> Bool {
        let byte = self[start]
        return (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "\\")
    }

    /// Whether one of the words begins here, in any case, with any separators, and with JSON escapes.
    fileprivate func hasWord(of words: [StaticString], at start: Int) -> Bool {
        var first = start
        guard let letter = letter(at: &first) else { return false }
        return words.contains { word in
            guard word.utf8Start[0] == letter else { return false }
            var index = first
            for offset in 1..<word.utf8CodeUnitCount {
                guard self.letter(at: &index) == word.utf8Start[offset] else { return false }
            }
            return true
        }
    }

    /// The next letter in lower case, whose end becomes the index; nil if another character follows.
    private func letter(at index: inout Int) -> UInt8? {
        for _ in 0...Self.longestGap {
            guard let byte = character(at: &index) else { return nil }
            if (0x61...0x7A).contains(byte | 0x20) { return byte | 0x20 }
            guard [0x20, UInt8(ascii: "_"), UInt8(ascii: "-")].contains(byte) else { return nil }
        }
        return nil
    }

    /// The next byte, or the ASCII character that a JSON escape stands for.
    private func character(at index: inout Int) -> UInt8? {
        let longest = Swift.min(count, index &+ Self.longestRun)
        while index < longest, self[index] == UInt8(ascii: "\\") { index &+= 1 }
        guard index < count else { return nil }
        defer { index &+= 1 }
        guard index > 0, self[index &- 1] == UInt8(ascii: "\\"), has("u00", at: index), index &+ 5 <= count,
            let value = UInt8(String(decoding: self[index &+ 3..<index &+ 5], as: UTF8.self), radix: 16)
        else { return self[index] }
        index &+= 4
        return value
    }
}
