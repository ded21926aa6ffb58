import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct FailedAttemptTests {
    private static func failed(_ kind: TransportError.Kind) -> ProxyError {
        .upstreamFailed(server: "a", TransportError(kind, ""))
    }

    @Test(
        "What may be tried after a transport error",
        arguments: [
            (.unresolved, .sameURL, true), (.refused, .sameURL, true), (.connectTimeout, .sameURL, true),
            (.reset, .sameURL, false), (.tls, .otherURL, false), (.malformed, .otherURL, false),
            (.tooLarge, .otherURL, false), (.invalidRequest, .otherURL, false), (.timeout, .otherURL, false),
            (.firstByteTimeout, .otherURL, false), (.idleTimeout, .otherURL, false), (.canceled, .nothing, false),
        ] as [(TransportError.Kind, FailedAttempt.Remedy, Bool)])
    func judgesErrors(kind: TransportError.Kind, remedy: FailedAttempt.Remedy, wasUnused: Bool) {
        let failure = FailedAttempt(Self.failed(kind), of: Samples.server("a"))
        #expect(failure == FailedAttempt(remedy: remedy, wasUnused: wasUnused))
        let page = FailedAttempt(Self.failed(kind), of: Samples.server("a") { $0.isReverseProxy = true })
        #expect(page.remedy == (wasUnused ? .sameURL : .nothing))
    }

    @Test(
        "An empty response is retried at the same URL, a web page at another",
        arguments: [
            (.empty, .sameURL), (.cutOff, .sameURL), (.page, .otherURL), (.noJSON, .otherURL), (.events, .otherURL),
            (.noList, .otherURL),
        ]
            as [(NoAnswer, FailedAttempt.Remedy)])
    func judgesNoAnswers(reason: NoAnswer, remedy: FailedAttempt.Remedy) {
        let error = ProxyError.upstreamSentNoAnswer(server: "a", status: 200, reason)
        #expect(FailedAttempt(error, of: Samples.server("a")) == FailedAttempt(remedy: remedy))
    }

    @Test(
        "Other errors end the attempts",
        arguments: [
            .deadlineExceeded(server: "a"), .upstreamRedirected(server: "a", status: 302),
            .upstreamEncoded(server: "a", encoding: "gzip"), .misconfigured(server: "a", variables: []),
        ] as [ProxyError])
    func ends(error: ProxyError) {
        #expect(FailedAttempt(error, of: Samples.server("a")).remedy == .nothing)
    }

    @Test(
        "What may be tried after an upstream's own error",
        arguments: [
            (429, nil, .sameURL), (408, nil, .sameURL), (409, nil, .sameURL), (500, nil, .sameURL),
            (529, nil, .sameURL), (400, nil, .nothing), (401, nil, .nothing), (404, nil, .nothing),
            (422, nil, .nothing), (501, nil, .otherServer), (599, nil, .otherServer), (429, "false", .otherServer),
            (503, "False", .otherServer), (400, "false", .nothing), (501, "false", .otherServer),
            (400, "true", .sameURL), (501, "TRUE", .sameURL), (429, "maybe", .sameURL),
        ] as [(Int, String?, FailedAttempt.Remedy)])
    func judgesStatus(status: Int, shouldRetry: String?, remedy: FailedAttempt.Remedy) {
        var prelude = Prelude(.init(code: status))
        prelude.fields[.shouldRetry] = shouldRetry
        #expect(FailedAttempt(prelude, of: Samples.server("a"), at: 0).remedy == remedy)
    }

    @Test("The table decides which statuses are retried")
    func followsTable() {
        let server = Samples.server("a") { $0.retryStatuses = [404] }
        #expect(FailedAttempt(Prelude(.notFound), of: server, at: 0).remedy == .sameURL)
        #expect(FailedAttempt(Prelude(.tooManyRequests), of: server, at: 0).remedy == .nothing)
        #expect(FailedAttempt(Prelude(.internalServerError), of: server, at: 0).remedy == .otherServer)
    }

    @Test("The upstream's retry-after is noted")
    func notesDelay() {
        let prelude = Prelude(.tooManyRequests, fields: [.retryAfter: "3"])
        #expect(FailedAttempt(prelude, of: Samples.server("a"), at: 0).delay == 3000)
    }
}

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    private static let date: Int64 = 784_111_777

    @Test(
        "How long the upstream asks to wait",
        arguments: [
            (nil, "7", 7000), (nil, "0", 0), (nil, "0.5", 500), (nil, "0.0001", 1), ("1500", nil, 1500),
            ("1500", "7", 1500), ("1.2", nil, 2), ("soon", "7", 7000), (nil, nil, nil), (nil, "soon", nil),
            (nil, "", nil), (nil, "-1", nil), (nil, "inf", nil), (nil, "0x10", nil), (nil, "1e3", nil),
            (nil, ".", nil), (nil, "1.2.3", nil), (nil, "99999999999999999999999", 1_000_000_000_000),
            (nil, "Sun, 06 Nov 1994 08:49:37 GMT", 2000), (nil, "Sun, 06 Nov 1994 08:49:30 GMT", 0),
        ] as [(String?, String?, Int?)])
    func reads(milliseconds: String?, retryAfter: String?, wait: Int?) {
        var fields = HTTPFields()
        fields[.retryAfterMilliseconds] = milliseconds
        fields[.retryAfter] = retryAfter
        #expect(RetryAfter.milliseconds(fields, at: (Self.date - 2) * 1000) == wait)
    }
}

@Suite struct WeightedOrderTests {
    private func draw(_ weights: [Int], _ numbers: [Double]) -> [Int] {
        var numbers = numbers[...]
        return WeightedOrder.draw(weights) { numbers.popFirst() ?? .nan }
    }

    @Test(
        "Each draw is by weight, among those that are left",
        arguments: [
            ([1], [], [0]), ([1, 1], [0], [0, 1]), ([1, 1], [0.49], [0, 1]), ([1, 1], [0.5], [1, 0]),
            ([3, 1], [0.74], [0, 1]), ([3, 1], [0.75], [1, 0]), ([1, 2, 1], [0.25, 0.5], [1, 2, 0]),
            ([1, 2, 1], [0.9, 0.9], [2, 1, 0]), ([1, 2, 1], [0, 0], [0, 1, 2]),
            ([.max, .max], [0.999_999_999_999_999_9], [1, 0]),
        ] as [([Int], [Double], [Int])])
    func draws(weights: [Int], numbers: [Double], order: [Int]) {
        #expect(draw(weights, numbers) == order)
    }

    @Test("Over many requests, each comes first about as often as its weight says")
    func spreads() {
        var firsts = [0, 0, 0]
        for number in 0..<1000 { firsts[draw([5, 3, 2], [Double(number) / 1000, 0])[0]] += 1 }
        #expect(firsts == [500, 300, 200])
    }
}
