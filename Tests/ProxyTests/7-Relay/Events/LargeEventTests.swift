import Testing
import Transport

@testable import Proxy

@Suite struct LargeEventTests {
    private static let limit = EventStreamFilter.largestHeld
    private static let first = "data: {\"id\":\"a\"}\n\n"
    private static let done = "data: [DONE]\n\n"
    private static let image = String(repeating: "x", count: limit)
    private static let number = String(repeating: "1", count: limit)

    private func pieces(_ text: String, _ size: Int) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
    }

    private func stream(
        _ text: String, _ size: Int = 65_536, error: TransportError? = nil, end: StreamEnd = .done,
        hidesUsage: Bool = false, _ change: (inout Server) -> Void = { _ in }
    ) -> FilteredStream {
        FilteredStream(
            pieces(text, size), error: error, route: Samples.route(streamEnd: end, change), hidesUsage: hidesUsage)
    }

    /// What an SDK reads after this much of a stream.
    private func errors(in stream: FilteredStream, behind passed: String) -> [[String: String]] {
        EventReader(Array(stream.output.dropFirst(passed.utf8.count))).errors
    }

    @Test("An event of 1 MB passes as a whole, and its memory is released", arguments: [1000, 9_000_000])
    func holdsUpToLimit(size: Int) {
        var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter())
        var output: [UInt8] = []
        let text = "data: " + String(repeating: "1", count: Self.limit - 8) + "\n\n"
        for piece in pieces(text, size) {
            #expect(output.isEmpty)
            piece.withUnsafeBytes { _ = filter.receive($0, into: &output) }
        }
        #expect(output == Array(text.utf8))
        #expect(filter.held.capacity <= 64 * 1024)
    }

    @Test("A larger event passes as it arrives: it isn't held, and nothing is inserted into it")
    func passesAsItComes() {
        var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter())
        var (sent, passed) = (0, 0)
        for piece in pieces("data: " + Self.number + Self.number, 4096) {
            var output: [UInt8] = []
            piece.withUnsafeBytes { _ = filter.receive($0, into: &output) }
            if sent + piece.count > Self.limit { filter.fillSilence(into: &output) }
            sent += piece.count
            passed += output.count
            #expect(passed == (sent > Self.limit ? sent : 0))
            #expect(sent <= Self.limit || filter.held.capacity == 0)
        }
    }

    @Test(
        "What follows a large event is read as usual",
        arguments: [
            "data: \(number)\n\n", "data: {\"a\":\"\(image)\"}\r\n\r\n", ": \(image)\r\r", ": \(image)\ndata: {}\n\n",
            "data: {}\n: \(image)\n\n", "event: x\rid: 1\rdata: \(image)\rdata: x\r\r",
            "data: [\n" + String(repeating: "data: 1,\n", count: 140_000) + "\n", "\u{FEFF}data: \(number)\n\n",
            "x: \(image)\n\n",
            "data: {\"error\":null,\"a\":\"\(image)\"}\n\n", "data: {\"a\":\"\(image)\",\"error\":{}}\n\n",
            "data: {\"a\":{\"error\":{\"message\":\"m\"}},\"b\":\"\(image)\"}\n\n",
            "data: {\"b\":\"\(image)\",\"a\":{\"error\":{\"message\":\"m\"}}}\n\n",
            "data: {\"error\":{ },\"choices\":[{\"delta\":{\"content\":\"\(image)\"}}]}\n\n",
            "error: { }\ndata: {\"a\":\"\(image)\",\"error\":[ ]}\n\n", "data: \"[DONE]\"\n: \(image)\n\n",
            "data: {\"message\":{\"role\":\"assistant\",\"content\":\"\(image)\"}}\n\n",
            "event: x\ndata: a \(image)\n\n",
        ])
    func passes(event: String) {
        let stream = stream(Self.first + event + Self.done + "data: late\n\n")
        #expect(stream.text == Self.first + event + Self.done && stream.ending == .complete)
    }

    @Test("A large event may arrive in pieces of any size", arguments: [1000, 9_000_000])
    func passesPieces(size: Int) {
        let event = Self.first + "data: {\"a\":\"\(Self.image)\"}\n\n"
        let whole = stream(event + Self.done, size)
        #expect(whole.text == event + Self.done && whole.ending == .complete)
        let broken = stream(event, size)
        #expect(broken.ending == .partial)
        #expect(errors(in: broken, behind: event).map { $0["code"] } == ["upstream_truncated"])
    }

    @Test(
        "A stream that ends inside a large event is cut off",
        arguments: [
            (nil, .done, true), (nil, .done, false), (TransportError(.reset, ""), .response, true),
            (TransportError(.idleTimeout, ""), .done, true), (TransportError(.canceled, ""), .unmarked, true),
            (nil, .unmarked, true),
        ] as [(TransportError?, StreamEnd, Bool)])
    func cutsOff(error: TransportError?, end: StreamEnd, expectsDone: Bool) {
        let half = Self.first + "data: {\"a\":\"" + Self.image
        for isReverseProxy in end == .unmarked ? [true, false] : [false] {
            let stream = stream(half, error: error, end: end) {
                $0.expectsDone = expectsDone
                $0.isReverseProxy = isReverseProxy
            }
            #expect(stream.text == half && stream.ending == .failed)
        }
    }

    @Test("A stream may end inside the last line end")
    func endsBetweenLineEnds() {
        let text = "data: " + Self.number + "\r\n\r"
        let stream = stream(text) { $0.expectsDone = false }
        #expect(stream.text == text && stream.ending == .complete)
    }

    @Test("The end mark counts after a large comment", arguments: [65_536, 9_000_000])
    func endsBehindComment(size: Int) {
        let text = Self.first + ": \(Self.image)\ndata: [DONE]\n\n"
        let stream = stream(text + "data: late\n\n", size)
        #expect(stream.text == text && stream.ending == .complete)
    }

    @Test(
        "A response with a large image is complete, and its usage counts, whatever their order",
        arguments: [
            ("event: response.completed\n", #""type":"response.completed","sequence_number":7,"#, ""),
            ("", #""type":"response.incomplete","#, ""), ("event: message\n", #" "type" : "response.completed","#, ""),
            ("event: message\n", "", #","sequence_number":7,"type":"response.completed""#),
            ("", "", #","type":"response.failed","sequence_number":7"#), ("event: response.completed\n", "", ""),
            ("", #""type":"response\u002ecompleted","#, ""),
            ("", #""type":"response.created","#, #","type":"response.completed""#),
        ])
    func completesResponses(name: String, before: String, behind: String) {
        let response =
            #""response":{"model":"gpt-5","output":[{"type":"image_generation_call","result":"\#(Self.image)"}],"#
        let rest = #""usage":{"input_tokens":37,"output_tokens":11},"metadata":{"type":"x"}}"#
        let text = "\(name)data: {\(before)\(response)\(rest)\(behind)}\n\n"
        // The name may follow the data.
        for text in [text, "data: {\(before)\(response)\(rest)\(behind)}\n\(name)\n"] {
            let stream = stream(text + "data: late\n\n", end: .response)
            #expect(stream.text == text && stream.ending == .complete)
            #expect(stream.usage == TokenUsage(input: 37, output: 11, cachedInput: 0, isEstimate: false))
            #expect(stream.model == "gpt-5" && stream.estimate.output == 1)
        }
    }

    @Test(
        "A large event of another type doesn't complete a response",
        arguments: [
            ("event: response.completed\n", #""type":"response.image_generation_call.partial_image","#, ""),
            ("", "", #","metadata":{"type":"response.completed"}"#), ("", "", #","type":"response.created""#),
        ])
    func goesOn(name: String, before: String, behind: String) {
        let text = "\(name)data: {\(before)\"b64\":\"\(Self.image)\"\(behind)}\n\n"
        #expect(stream(text + Self.done, end: .response).text == text + Self.done)
    }

    @Test("A large event is never hidden; its usage counts")
    func showsUsage() {
        let text =
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":8},\"obfuscation\":\"\(Self.image)\"}\n\n" + Self.done
        let stream = stream(text, hidesUsage: true)
        #expect(stream.text == text && stream.usage?.input == 8)
    }

    @Test(
        "A large error is reported with its first words, and ends the stream",
        arguments: [
            "data: {\"error\":{\"message\":\"No! \(image)\"}}", "event: error\ndata: No! \(image)",
            "error: No! \(image)", "data: {\"id\":\"a\",\"error\":{\"a\":\"No! \(image)",
            "event: error\r\ndata: {\"message\":\"No!\",\"more\":\"\(image)\"}",
        ])
    func reportsErrors(event: String) {
        let stream = stream(Self.first + event + "\n\n" + Self.done)
        let errors = errors(in: stream, behind: Self.first)
        #expect(stream.text.hasPrefix(Self.first) && stream.output.count < 10_000 && stream.ending == .partial)
        #expect(errors.count == 1 && errors[0]["message"]?.contains("No!") == true)
    }

    @Test(
        "An error at the end of a large event ends the stream; it is repeated if SDKs wouldn't see it there",
        arguments: [
            (#"data: {"choices":[{"delta":"\#(image)"}],"error":{"message":"No!"}}"#, true),
            (#"data: {"choices":[{"delta":"\#(image)"}],"error":"No!"}"#, false),
            (": \(image)\(image)\ndata: {\"error\":{\"message\":\"No!\"}}", true),
            ("data: {\"choices\":[{\"delta\":\"\(image)\"}]}\nerror: No!", false),
        ])
    func reportsLateErrors(event: String, isSeen: Bool) {
        let event = event + "\n\n"
        let stream = stream(event + Self.done)
        #expect(stream.text.hasPrefix(event) && stream.ending == .partial)
        #expect(errors(in: stream, behind: event).map { $0["message"] } == (isSeen ? [] : ["No!"]))
    }

    @Test(
        "A large error is shown by its message, without the JSON around it",
        arguments: [
            "data: {\"error\":{\"message\":\"w\(image)\"}}", "data: {\"error\":\"w\(image)\"}",
            "error: {\"message\":\"w\(image)\"}", "data: {\"object\":\"error\",\"message\":\"w\(image)\"}",
            "data: {\"type\":\"error\",\"message\":\"w\(image)\"}", "data: {\"detail\":\"w\(image)\"}",
            "event: error\ndata: {\"message\":\"w\(image)\"}", "data: w\(image)", "error: w\(image)",
            "{\"error\":{\"message\":\"w\(image)\"}}",
        ])
    func showsWords(event: String) {
        let stream = stream(Self.first + event + "\n\n" + Self.done)
        #expect(errors(in: stream, behind: Self.first).map { $0["message"] } == ["w" + Self.image.prefix(1999)])
        #expect(stream.ending == .partial)
    }

    @Test(
        "The label of a large error may follow its data",
        arguments: [
            "data: {\"message\":{\"a\":\"\(image)\"}}\nevent: error",
            "data: {\"message\":{\"a\":\"\(image)\"},\"object\":\"error\"}",
        ])
    func reportsLateNames(event: String) {
        let event = event + "\n\n"
        let stream = stream(event + Self.done)
        #expect(stream.text.hasPrefix(event) && stream.ending == .partial)
        #expect(errors(in: stream, behind: event).count == 1)
    }

    @Test("A large web page that is labeled as a stream doesn't pass")
    func refusesPage() {
        let stream = stream("<html>" + Self.image)
        #expect(EventReader(stream.output).errors.map { $0["code"] } == ["upstream_not_json"])
        #expect(stream.output.count < 1000)
    }

    @Test(
        "A stream that ends inside or after a large comment is judged as usual",
        arguments: [
            ("\ndata: [DONE]", true, .complete, nil), ("\ndata: [DONE]\n", true, .complete, nil),
            ("\n: c", false, .complete, nil), ("", false, .complete, nil), ("", true, .partial, "upstream_truncated"),
            ("\ndata: {\"a\":", true, .failed, nil), ("\ndata: {}\n", false, .failed, nil),
        ] as [(String, Bool, FilteredStream.Ending, String?)])
    func endsAfterComment(rest: String, expectsDone: Bool, ending: FilteredStream.Ending, code: String?) {
        let text = Self.first + ": \(Self.image)" + rest
        let stream = stream(text) { $0.expectsDone = expectsDone }
        #expect(stream.text.hasPrefix(text) && stream.ending == ending)
        #expect(errors(in: stream, behind: text).map { $0["code"] } == (code.map { [$0] } ?? []))
    }

    @Test("A large error passes and ends the stream if clients don't understand OpenAI's errors")
    func leavesForeignErrors() {
        let text = "event: error\ndata: {\"message\":\"\(Self.image)\"}\n\n"
        let stream = stream(text + "data: late\n\n", end: .unmarked)
        #expect(stream.text == text && stream.ending == .partial)
    }

    @Test(
        "A large event that begins like a chunk is searched for the token only if it may contain an error")
    func searchesErrors() {
        let chunk = "data: {\"id\":\"a\",\"b\":\"\(Self.image) sk-0123456789\""
        let plain = chunk + "}\n\n" + Self.done
        #expect(stream(plain) { $0.token = Secret("sk-0123456789") }.text == plain)
        let text =
            chunk.replacing("sk-0123456789", with: Self.image) + ",\"error\":{\"message\":\"bad sk-0123456789\"}}\n\n"
        for size in [1000, 65_536, 9_000_000] {
            let stream = stream(text, size) { $0.token = Secret("sk-0123456789") }
            #expect(stream.text == text.replacing("sk-0123456789", with: "[redacted]") && stream.ending == .partial)
        }
    }

    @Test("The server's token is removed, wherever the event is cut", arguments: [7, 65_536])
    func redacts(size: Int) {
        let filler = String(repeating: "xs", count: Self.limit / 2 - 20)
        let text = "data: {\"a\":\"\(filler) sk-0123456789 \(filler.prefix(1000)) sk\\u002d0123456789 s\"}\n\n"
        let expected = "data: {\"a\":\"\(filler) [redacted] \(filler.prefix(1000)) [redacted] s\"}\n\n"
        let stream = stream(text + Self.done, size) { $0.token = Secret("sk-0123456789") }
        #expect(stream.text == expected + Self.done && stream.ending == .complete)
    }
}
