import Testing
import Transport

@testable import Proxy

@Suite struct EventStreamFilterTests {
    private static let stream = "data: {\"a\":\"é😀\"}\n\n: note\r\n\r\nid: 1\ndata: b\n\ndata: c\r\rdata: [DONE]\n\n"
    private static let ends = [
        "data: {\"a\":\"é😀\"}\n\n", ": note\r\n\r\n", "id: 1\ndata: b\n\n", "data: c\r\r", "data: [DONE]\n\n",
    ]

    /// Feeds the text in pieces of one size and ends it; returns what came out.
    private func pass(
        _ bytes: [UInt8], pieces size: Int, error: TransportError? = nil
    ) -> (output: String, end: BodyPipe.End) {
        var filter = EventStreamFilter(server: "a")
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { _ = filter.receive($0, into: &output) }
        }
        let end = filter.end(error, into: &output)
        return (String(decoding: output, as: UTF8.self), end)
    }

    @Test("A stream passes byte for byte, however it is cut into pieces", arguments: 1...90)
    func passesWhole(size: Int) {
        #expect(pass(Array(Self.stream.utf8), pieces: size).output == Self.stream)
    }

    @Test("The end of an event is passed on at once, not with the next one", arguments: 1...40)
    func passesAtOnce(size: Int) {
        var filter = EventStreamFilter(server: "a")
        var sent = ""
        var output: [UInt8] = []
        for event in Self.ends {
            let bytes = Array(event.utf8)
            sent += event
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { _ = filter.receive($0, into: &output) }
            }
            #expect(String(decoding: output, as: UTF8.self) == sent)
        }
    }

    @Test("Wherever a stream breaks off, whole events are followed by exactly one error event")
    func reportsBreak() throws {
        let bytes = Array(Self.stream.utf8)
        for length in 0...bytes.count {
            let (output, end) = pass(
                Array(bytes[..<length]), pieces: 7, error: TransportError(.reset, "10.0.0.1 reset"))
            let whole = wholeEvents(in: String(decoding: bytes[..<length], as: UTF8.self))
            let rest = try #require(output.hasPrefix(whole) ? output.dropFirst(whole.count) : nil, "cut at \(length)")
            #expect(rest.hasPrefix("data: {\"error\":{\"message\":\"The server 'a' closed") && rest.hasSuffix("}}\n\n"))
            #expect(!rest.contains("10.0.0.1"))
            guard case .partial(_, let trailers) = end else {
                Issue.record("cut at \(length): the answer must end properly")
                continue
            }
            #expect(trailers.count == 2)
        }
    }

    private func wholeEvents(in text: String) -> String {
        var whole = ""
        for event in Self.ends where text.utf8.starts(with: (whole + event).utf8) { whole += event }
        return whole
    }

    @Test("An event too large to hold passes as it comes, and can only be cut off")
    func passesLargeEvents() {
        let large = Array(("data: " + String(repeating: "x", count: EventStreamFilter.largestHeldEvent * 2)).utf8)
        #expect(pass(large + Array("\n\n".utf8), pieces: 1000).output.utf8.count == large.count + 2)
        guard case .failed = pass(large, pieces: 1000, error: TransportError(.reset, "")).end else {
            Issue.record("half an event must not look like a whole answer")
            return
        }
        let next = large + Array("\n\ndata: b".utf8)
        guard case .partial = pass(next, pieces: 1000, error: TransportError(.reset, "")).end else {
            Issue.record("behind a large event it is as before it")
            return
        }
    }

    @Test("A stream without a byte is given one, since an empty body hangs behind a function URL")
    func fillsEmpty() {
        #expect(pass([], pieces: 1).output == "\n")
    }

    @Test("A last event without its empty line passes")
    func passesUnfinished() {
        #expect(pass(Array("data: a".utf8), pieces: 3).output == "data: a")
    }
}
