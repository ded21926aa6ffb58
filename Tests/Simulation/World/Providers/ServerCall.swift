import Glibc
import HTTPTypes
import Transport

/// One request that the program has sent to a server, or tried to.
package final class ServerCall {
    package let number: Int
    /// The request for which it was made, by the trace that travels up; nil for a preconnect.
    package let request: Int?
    package let server: Int
    package let url: Int
    package let process: Int
    package let behaviour: Behaviour
    package let exchange: Exchange
    package let opened: Int64
    package let asksForStream: Bool
    package let asksForUsage: Bool
    package let question: Int
    package let isModelCall: Bool
    /// Which of the texts it is for, if each text has a call of its own.
    let part: Int?
    /// The calls for the other texts of the same attempt.
    var others: [ServerCall] = []
    /// Whether the server speaks the protocol of Bedrock's Converse.
    package let isBedrock: Bool
    /// The model that is asked for; empty if none is.
    package let model: String
    /// In OpenAI's terms.
    package var status: Int?
    /// Everything that was sent of the answer's body.
    package var sent: [UInt8] = []
    /// Whether an answer was sent to its end.
    package var isWhole = false
    /// Whether its last event says that the model has failed.
    package var hasFailed = false
    package var isStream = false
    /// The earliest time at which the server wants to be asked again.
    package var notBefore: Int64?
    /// Whether the server says that another try makes sense; nil if it doesn't say.
    package var shouldRetry: Bool?

    init(
        _ number: Int, _ exchange: Exchange, _ server: ServerPlan, url: Int, process: Int, request: Int?,
        behaviour: Behaviour
    ) {
        (self.number, self.exchange, self.server, self.url, self.process) = (
            number, exchange, server.number, url, process
        )
        isBedrock = server.isBedrock
        (self.request, self.behaviour, opened) = (request, behaviour, exchange.loop.schedule.now)
        asksForStream =
            isBedrock ? exchange.url.hasSuffix("/converse-stream") : exchange.body.hasText("\"stream\":true")
        asksForUsage = exchange.body.hasText("\"include_usage\":true")
        question = exchange.body.number(behind: "q") ?? 0
        isModelCall = exchange.method == .post
        part = exchange.url.hasSuffix("/invoke") ? exchange.body.number(behind: ".t") : nil
        // Bedrock's paths are `/model/<model>/converse` and `/model/<model>/converse-stream`.
        model =
            isBedrock
            ? exchange.url.split(separator: "/").dropFirst(3).first.map { String($0) } ?? ""
            : exchange.body.string(behind: "\"model\":\"") ?? ""
    }

    /// All calls of the attempt that it begins.
    var all: [ServerCall] { [self] + others }

    /// When the last of them has ended, in milliseconds since 1970; nil while one is open.
    var allEnded: Int64? {
        let ends = all.compactMap(\.exchange.ended)
        return ends.count == all.count ? ends.max() : nil
    }

    /// Whether it has ended without an answer, or with the status of an error.
    var isRefused: Bool {
        if case .refuses = behaviour { return true }
        return exchange.error != nil
    }

    /// Whether its answer can be sent again from the cache: whole and good.
    var isGood: Bool { isWhole && status == 200 && !hasFailed }

    /// Whether everything up to the marked end was sent, and that isn't a failure.
    var endsWell: Bool {
        guard !isBedrock else { return ConverseView(sent).hasStopped }
        let view = StreamView(sent)
        return view.hasDone && !view.hasFailed
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a text occurs.
    func hasText(_ text: StaticString) -> Bool { position(of: text) != nil }

    /// Where a text first ends.
    func position(of text: StaticString, from start: Int = 0) -> Int? {
        let length = text.utf8CodeUnitCount
        guard let base = baseAddress else { return nil }
        var place = start
        while place + length <= count,
            let next = memchr(base + place, Int32(text.utf8Start.pointee), count - length + 1 - place)
        {
            place = base.distance(to: UnsafeRawPointer(next))
            if memcmp(next, text.utf8Start, length) == 0 { return place + length }
            place += 1
        }
        return nil
    }
}

extension [UInt8] {
    /// Whether a text occurs.
    package func hasText(_ text: StaticString) -> Bool { withUnsafeBytes { $0.hasText(text) } }

    /// Where a text first ends.
    package func position(of text: StaticString, from start: Int = 0) -> Int? {
        withUnsafeBytes { $0.position(of: text, from: start) }
    }

    /// The rest of the JSON string whose beginning is the end of a text. Its own end may be missing.
    func text(behind text: StaticString) -> ArraySlice<UInt8>? {
        position(of: text).map { start in self[start...].prefix { $0 != UInt8(ascii: "\"") } }
    }

    /// The same as a string.
    func string(behind text: StaticString) -> String? {
        self.text(behind: text).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first number that stands right behind a text.
    package func number(behind text: StaticString, from start: Int = 0) -> Int? {
        var start = start
        while let position = position(of: text, from: start) {
            let digits = self[position...].prefix { (0x30...0x39).contains($0) }
            // The text may be cut off within the number.
            if !digits.isEmpty, digits.count < 10, digits.endIndex < endIndex {
                return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            }
            start = position
        }
        return nil
    }
}
