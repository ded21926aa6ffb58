import HTTPTypes
import Synchronization
import Testing
import Transport

@testable import Proxy

/// What a meter measures of responses that the relay passes on.
@Suite struct MeterTests {
    private static let counted = TokenUsage(input: 8, output: 0, cachedInput: 0, isEstimate: false)

    private func meter() -> Meter {
        let ticks = Mutex(Int64(7000))
        return Meter(requestBytes: 401) {
            ticks.withLock { ticks in
                ticks += 1; return ticks
            }
        }
    }

    /// Relays a response that has arrived completely, and reads it to its end.
    private func relay(
        _ text: String, type: String = "application/json", status: Int = 200, passes: Bool = true,
        _ change: (inout Server) -> Void = { _ in }
    ) async throws -> Meter {
        let meter = meter()
        let body = BodyPipe()
        body.write(Array(text.utf8))
        body.finish(nil)
        let response = TransportResponse(status: .init(code: status), fields: [.contentType: type], body: body)
        let route = Samples.route(.json(model: nil), change)
        let isStream = type == "text/event-stream"
        let answer = try await Relay.answer(response, for: route, meter: meter, asksForStream: isStream)
        if case .stream(_, let output) = answer {
            #expect((output.readAll() == Array((text.isEmpty ? "\n" : text).utf8)) == passes)
        }
        return meter
    }

    /// Passes a JSON response in pieces.
    private func pass(_ pieces: [[UInt8]]) -> Meter {
        let meter = meter()
        var filter = PlainFilter(meter: meter, isRead: true, expectsJSON: false)
        var output: [UInt8] = []
        for piece in pieces { _ = piece.withUnsafeBytes { filter.receive($0, into: &output) } }
        _ = filter.end(nil, into: &output)
        #expect(output == Array(pieces.joined()))
        return meter
    }

    private func pieces(_ text: String, _ size: Int) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    @Test(
        "A JSON response is metered, in whatever pieces it arrives",
        arguments: [
            (#"{"object":"list","data":[{"embedding":[0.1]}],"model":"e-3","usage":{"prompt_tokens":8}}"#, "e-3"),
            (#"{"model":"e-3","usage":{"prompt_tokens":8,"total_tokens":8},"timings":{"prompt_ms":1.5}}"#, "e-3"),
            ("{\n  \"model\" : \"e\",\n  \"x\":{\"usage\":{}},\n  \"usage\" : {\"prompt_tokens\": 8 }\n}\n", "e"),
            (#"{"model":"k","choices":[{"message":{},"usage":{"prompt_tokens":8}}],"usage":{"prompt_tokens":0}}"#, "k"),
            (#"{"model":"p","x":[NaN,-Infinity],"usage":{"cost":Infinity,"prompt_tokens":8.0}}"#, "p"),
            (#"{"usage":{"input_tokens":8,"output_tokens":0},"content":"\"usage\":{\"prompt_tokens\":1}"}"#, nil),
        ] as [(String, String?)])
    func readsPlain(text: String, model: String?) {
        for size in [1, 2, 7, text.utf8.count] {
            let meter = pass(pieces(text, size))
            #expect(meter.usage == Self.counted && meter.model == model)
            #expect(meter.responseBytes == text.utf8.count && meter.firstOutput == 7001 && meter.events == 0)
        }
    }

    @Test("The usage is found before OpenAI's metadata, however much of that there is")
    func readsUsageBeforeMetadata() {
        let metadata = (0..<16).map { #""k\#($0)":"\#(String(repeating: "\\ud83d\\ude00", count: 512))""# }
        let text = #"{"model":"o","a":"\#(String(repeating: "x", count: 20_000))","usage":{"prompt_tokens":8},"#
        for size in [100, 65_536] {
            let meter = pass(pieces(text + #""metadata":{\#(metadata.joined(separator: ","))}}"#, size))
            #expect(meter.usage == Self.counted)
        }
    }

    @Test("A response that isn't read is estimated by its length", arguments: ["audio/mpeg", "image/png"])
    func estimatesUnread(type: String) async throws {
        let meter = try await relay(String(repeating: "word", count: 90), type: type)
        #expect(meter.estimate.output == 90)
    }

    @Test(
        "The beginning and the end of a long response are read", arguments: [16_384, 16_385, 40_000, 300_000],
        [100, 8192, 65_536])
    func readsEnds(length: Int, size: Int) {
        let (head, tail) = (#"{"model":"m","a":""#, #"","usage":{"prompt_tokens":8}}"#)
        let filler = String(repeating: "x", count: length - head.count - tail.count)
        let meter = pass(pieces(head + filler + tail, size))
        #expect(meter.usage == Self.counted && meter.model == "m")
        let early = pass(pieces(#"{"usage":{"prompt_tokens":8},"a":"\#(filler)","model":"m"}"#, size))
        // What is kept completely is read completely.
        let isWhole = length <= BodyEnds.longest + 2 * BodyEnds.longestTail
        #expect(early.usage == Self.counted && early.model == (isWhole ? "m" : nil))
    }

    @Test("A usage that spans both kept ends is found; one in the gap isn't", arguments: 8150...8200)
    func readsSeam(offset: Int) {
        let text = #"{"a":""# + String(repeating: "x", count: offset - 5) + #"","usage":{"prompt_tokens":8}}"#
        #expect(pass(pieces(text, 1000)).usage == Self.counted)
        let gap = text + "\"" + String(repeating: "y", count: 2 * BodyEnds.longestTail) + "\""
        let meter = pass(pieces(gap, 1000))
        #expect((meter.usage != nil) == (offset + 30 <= BodyEnds.longest))
    }

    @Test("Memory is bounded, in whatever pieces a response arrives", arguments: [7, 1000, 8192, 8193, 600_000])
    func boundsMemory(size: Int) {
        var ends = BodyEnds()
        let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 100) }
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { ends.append($0) }
            #expect(ends.head.count <= BodyEnds.longest && ends.tail.count <= 2 * BodyEnds.longestTail)
        }
        #expect(
            ends.head[...] == bytes.prefix(8192)
                && ends.tail.suffix(BodyEnds.longestTail) == bytes.suffix(BodyEnds.longestTail))
    }

    @Test("Without a usage, tokens are estimated: one per four bytes or per event")
    func estimates() async throws {
        let plain = try await relay(#"{"a":"0123456789012"}"#)
        #expect(plain.usage == nil)
        #expect(plain.estimate == TokenUsage(input: 100, output: 5, cachedInput: 0, isEstimate: true))
        let events = "data: {}\n\n: note\n\ndata: {\ndata: }\n\ndata: [DONE]\n\n"
        let stream = try await relay(events, type: "text/event-stream")
        #expect(stream.estimate == TokenUsage(input: 100, output: 2, cachedInput: 0, isEstimate: true))
        #expect(stream.responseBytes == events.utf8.count && stream.firstOutput == 7001)
    }

    @Test("Comments, the end mark and an empty response aren't output")
    func waitsForOutput() async throws {
        for (text, type) in [(": note\n\ndata: [DONE]\n\n", "text/event-stream"), ("", "audio/mpeg")] {
            let meter = try await relay(text, type: type, passes: text.isEmpty)
            #expect(meter.firstOutput == nil && meter.estimate.output == 0)
        }
    }

    @Test("Other media types and what a reverse proxy carries are only measured")
    func leavesUnread() async throws {
        let json = #"{"model":"m","usage":{"prompt_tokens":8}}"#
        for (text, type, isReverse) in [
            (json, "application/json", true), ("data: \(json)\n\n", "text/event-stream", true),
            (json, "audio/mpeg", false),
        ] {
            let meter = try await relay(text, type: type) {
                ($0.isReverseProxy, $0.expectsDone) = (isReverse, false)
            }
            #expect(meter.usage == nil && meter.model == nil)
            #expect(meter.responseBytes == text.utf8.count && meter.firstOutput == 7001)
        }
    }

    @Test("Errors don't count", arguments: [429, 500, 200])
    func leavesErrors(status: Int) async throws {
        for body in [#"{"error":{"message":"no"},"usage":{"prompt_tokens":8}}"#, #"{"error":"no"}"#] {
            let meter = try await relay(body, status: status)
            #expect(meter.usage == nil && meter.responseBytes == 0 && meter.firstOutput == nil)
        }
    }
}
