import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct EventStreamFilterTests {
    private static let events = [
        "data: {\"a\":\"é😀\"}\n\n", ": note\r\n\r\n", "id: 1\ndata: {}\n\n", "data: 3\r\r",
        "\u{FEFF}data: 123456789\n\n", ": keepalive\ndata: [1]\r\n\n", "data: [DONE]\n\n",
    ]
    private static let stream = events.joined()
    private static let broken = TransportError(.reset, "10.0.0.1 reset")

    @Test("A stream passes byte for byte, however it is cut into pieces", arguments: 1...90)
    func passesWhole(size: Int) {
        let bytes = Array(Self.stream.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
        #expect(FilteredStream(pieces, route: Samples.route()).text == Self.stream)
    }

    @Test("The end of an event passes at once, not with the next event", arguments: 1...40)
    func passesAtOnce(size: Int) {
        var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter())
        var sent = ""
        var output: [UInt8] = []
        for event in Self.events {
            let bytes = Array(event.utf8)
            sent += event
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { _ = filter.receive($0, into: &output) }
            }
            #expect(String(decoding: output, as: UTF8.self) == sent)
        }
    }

    @Test("Wherever a stream breaks off, complete events are followed by exactly one error event")
    func reportsBreak() throws {
        let bytes = Array(Self.stream.utf8)
        for length in 0..<bytes.count - 1 {
            let text = String(decoding: bytes[..<length], as: UTF8.self)
            let whole = wholeEvents(in: bytes[..<length])
            let stream = FilteredStream([bytes[..<length]], error: Self.broken, route: Samples.route())
            #expect(stream.output.starts(with: whole.utf8), "cut at \(length)")
            let rest = EventReader(Array(stream.output.dropFirst(whole.utf8.count)))
            #expect(rest.events.count == 1 && rest.errors.count == 1, "cut at \(length): \(text)")
            #expect(rest.errors.first?["code"] == "upstream_disconnected")
            #expect(!stream.text.contains("10.0.0.1"))
            #expect(stream.ending == .partial && stream.trailers == 2)
        }
    }

    private func wholeEvents(in bytes: ArraySlice<UInt8>) -> String {
        var whole = ""
        for event in Self.events where bytes.starts(with: (whole + event).utf8) { whole += event }
        return whole
    }

    @Test("A break after the last event doesn't count")
    func endsBeforeBreak() {
        for stream in FilteredStream.inAllPieces(Self.stream, error: Self.broken, route: Samples.route()) {
            #expect(stream.text == Self.stream && stream.ending == .complete)
        }
    }

    @Test("A reverse proxy's stream passes unread; if it breaks off, it is cut off here too")
    func passesUnread() {
        let route = Samples.route(.opaque, streamEnd: .unmarked) { $0.isReverseProxy = true }
        let whole = "data: [DONE]\n\ndata: {\"error\":\"no\"}\n\nevent: error\ndata: x\n\n"
        let text = whole + "data: last\n"
        for stream in FilteredStream.inAllPieces(text, route: route) {
            #expect(stream.text == text && stream.ending == .complete)
        }
        for stream in FilteredStream.inAllPieces(text, error: Self.broken, route: route) {
            #expect(stream.text == whole && stream.ending == .failed)
        }
    }

    @Test("A stream in an unknown format is cut off where it breaks off, since its clients ignore OpenAI's errors")
    func cutsOffUnknown() {
        let whole = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n"
        for half in ["", "event: content", "data: {}\n", "event: x\ndata: {\"a\":", "event: error\ndata: {}\n"] {
            let route = Samples.route(.opaque, streamEnd: .unmarked)
            for stream in FilteredStream.inAllPieces(whole + half, error: Self.broken, route: route) {
                #expect(stream.text == whole && stream.ending == .failed)
            }
            for stream in FilteredStream.inAllPieces(whole + half, route: route) {
                #expect(stream.text == whole + half && stream.ending == (half.isEmpty ? .complete : .failed))
            }
        }
    }

    @Test("A stream in an unknown format that ends after a comment is complete", arguments: [true, false])
    func endsBehindComments(isReverseProxy: Bool) {
        let route = Samples.route(.opaque, streamEnd: .unmarked) { $0.isReverseProxy = isReverseProxy }
        for rest in ["", ": ping", ": ping\n", " ", "\n", ": a\r\n: b\r\n"] {
            for stream in FilteredStream.inAllPieces("data: {}\n\n" + rest, route: route) {
                #expect(stream.text == "data: {}\n\n" + rest && stream.ending == .complete)
            }
        }
    }

    @Test(
        "A reverse proxy's stream may end without its empty line, but not inside a line or an error",
        arguments: [
            ("data: {\"a\":1}\n", .complete), ("event: x\r\ndata: {}\r\n", .complete), ("data: [DONE]", .complete),
            ("{\"a\":1}", .complete), ("Internal Server Error", .complete), ("data: {\"a\":", .failed),
            ("event: x\ndata: {\"a\":", .failed), ("event: mess", .failed), ("event: error\ndata: {}\n", .failed),
        ] as [(String, FilteredStream.Ending)])
    func endsLoosely(rest: String, ending: FilteredStream.Ending) {
        let route = Samples.route(.opaque, streamEnd: .unmarked) { $0.isReverseProxy = true }
        for stream in FilteredStream.inAllPieces("data: {}\n\n" + rest, route: route) {
            #expect(stream.text == "data: {}\n\n" + rest && stream.ending == ending)
        }
    }

    @Test("A stream that is cut off because the invocation ends says so in its record")
    func cutsOffAtDeadline() throws {
        var filter = EventStreamFilter(
            for: Samples.route(.opaque, streamEnd: .unmarked), meter: Samples.meter(),
            isDeadline: { $0.kind == .timeout })
        var output: [UInt8] = []
        let end = filter.end(TransportError(.timeout, "too slow"), into: &output)
        let invocation = try #require(Invocation(fields: [.known("Lambda-Runtime-Aws-Request-Id"): "1"], payload: []))
        let record = RequestRecord(invocation, at: 0)
        record.note(end)
        #expect(record.failure?.type == "upstream_deadline_exceeded" && record.failure?.detail == "too slow")
    }

    @Test("An empty stream gets one byte, since a function URL doesn't deliver an empty body")
    func fillsEmpty() {
        let stream = FilteredStream([[]], route: Samples.route(streamEnd: .unmarked))
        #expect(stream.text == "\n" && stream.ending == .complete)
    }

    @Test("Silence is filled with one comment line, which doesn't affect what follows")
    func fillsSilence() {
        for event in Self.events.dropLast() {
            var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter())
            var output: [UInt8] = []
            for text in [event, "data: 12"] {
                Array(text.utf8).withUnsafeBytes { _ = filter.receive($0, into: &output) }
                filter.fillSilence(into: &output)
            }
            Array("34\n\n".utf8).withUnsafeBytes { _ = filter.receive($0, into: &output) }
            filter.fillSilence(into: &output)
            _ = filter.end(Self.broken, into: &output)
            let reader = EventReader(output)
            #expect(reader.events.dropLast() == EventReader(Array((event + "data: 1234\n\n").utf8)).events[...])
            #expect(reader.errors.count == 1)
            #expect(!String(decoding: output, as: UTF8.self).contains("keepalive\n\n"))
        }
    }

    @Test("No comment is written between the halves of a line end")
    func staysSilent() {
        var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter())
        var output: [UInt8] = []
        Array("data: 1\r\r".utf8).withUnsafeBytes { _ = filter.receive($0, into: &output) }
        filter.fillSilence(into: &output)
        #expect(output == Array("data: 1\r\r".utf8))
    }
}
