import Testing
import Transport

@testable import Proxy

@Suite struct HiddenUsageTests {
    private static let hidden = #"data: {"id":"c","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":9}}"#
    private static let counted = TokenUsage(input: 8, output: 9, cachedInput: 0, isEstimate: false)
    private static let first = #"data: {"choices":[{"delta":{"content":"é"}}],"usage":null}"#

    private func streams(
        _ text: String, error: TransportError? = nil, _ change: (inout Server) -> Void = { _ in }
    ) -> [FilteredStream] {
        FilteredStream.inAllPieces(
            text, error: error, route: Samples.route(.json(model: nil), change), hidesUsage: true)
    }

    @Test("Usage that the caller hasn't asked for is counted and hidden", arguments: ["\n", "\r\n", "\r"])
    func hides(lineEnd: String) {
        let end = lineEnd + lineEnd
        let (before, behind) = (Self.first + end, "data: [DONE]" + end)
        for event in [Self.hidden, "id: 7\(lineEnd)\(Self.hidden)", "event: x\(lineEnd)\(Self.hidden)\(lineEnd): note"]
        {
            for stream in streams(before + event + end + behind) {
                #expect(stream.text == before + behind && stream.ending == .complete)
                #expect(stream.usage == Self.counted && stream.estimate.output == 1)
            }
        }
    }

    @Test(
        "The usage event may have the members of every chunk, and empty ones",
        arguments: [
            #""object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","service_tier":"default""#,
            #""provider":"OpenAI","obfuscation":"aX3""#, #""error":null,"timings":null,"citations":[],"x_groq":{}"#,
            #""system_fingerprint":null,"warning":"""#, #""x":0,"y":false,"z":{ },"citations":[ ]"#,
            #""x_groq":{"id":"req_1"}"#, #""x_groq":{"id":"req_1","usage":{"queue_time":0.1},"more":null}"#,
        ])
    func hidesOrdinary(members: String) {
        for event in [
            #"{\#(members),"choices":[],"usage":{"prompt_tokens":8}}"#,
            #"{"usage":{"prompt_tokens":8},"choices":[ ],\#(members)}"#,
        ] {
            for stream in streams("data: \(event)\n\ndata: [DONE]\n\n") {
                #expect(stream.text == "data: [DONE]\n\n" && stream.usage?.input == 8)
            }
        }
    }

    @Test(
        "An event with anything else passes unchanged, and is counted",
        arguments: [
            #""timings":{"prompt_n":1,"predicted_per_second":81.2}"#, #""citations":["https://a.example"]"#,
            #""search_results":[{"title":"t"}]"#, #""prompt_filter_results":[{}]"#,
            #""time_info":{"queue_time":0.1}"#, #""Model":"m""#, #""x":true"#, #""x":0.5"#, #""":1"#,
            #""x_groq":{"id":"req_1","seed":7}"#,
        ])
    func passesOthers(member: String) {
        for event in [
            #"{"id":"c",\#(member),"choices":[],"usage":{"prompt_tokens":8}}"#,
            #"{"id":"c","choices":[],"usage":{"prompt_tokens":8},\#(member)}"#,
        ] {
            let text = "data: \(event)\n\ndata: [DONE]\n\n"
            for stream in streams(text) { #expect(stream.text == text && stream.usage?.input == 8) }
        }
    }

    @Test(
        "The usage is hidden in streams without an end mark too, even if its event is incomplete",
        arguments: ["", "\n", "\n\n", "\r\n\r"])
    func hidesLast(end: String) {
        for stream in streams(Self.first + "\n\n" + Self.hidden + end, { $0.expectsDone = false }) {
            #expect(stream.text == Self.first + "\n\n" && stream.ending == .complete)
            #expect(stream.usage == Self.counted)
        }
    }

    @Test("A stream with nothing else gets one byte, since a function URL doesn't deliver an empty body")
    func fillsEmpty() {
        for end in ["", "\n\n"] {
            for stream in streams(Self.hidden + end, { $0.expectsDone = false }) {
                #expect(stream.text == "\n" && stream.ending == .complete && stream.usage == Self.counted)
            }
        }
    }

    @Test("A stream with only a hidden usage is complete, even if the usage can't be read")
    func isWholeWithUsageAlone() {
        for usage in [#"{"prompt_tokens":8}"#, #"{"a":1}"#, "{}"] {
            for stream in streams("data: {\"choices\":[],\"usage\":\(usage)}\n\ndata: [DONE]\n\n") {
                #expect(stream.text == "data: [DONE]\n\n" && stream.ending == .complete)
            }
        }
    }

    @Test("A stream that breaks off after it gets one error event")
    func reportsBreak() {
        for (error, code) in [(nil, "upstream_truncated"), (TransportError(.reset, ""), "upstream_disconnected")] {
            for stream in streams(Self.first + "\n\n" + Self.hidden + "\n\n", error: error) {
                #expect(stream.text.hasPrefix(Self.first + "\n\ndata: {\"error\":"))
                #expect(EventReader(stream.output).errors.map { $0["code"] } == [code])
                #expect(stream.usage == Self.counted && stream.ending == .partial)
            }
        }
    }

    @Test(
        "Everything else passes byte for byte",
        arguments: [
            #"{"choices":[],"usage":null}"#, #"{"choices":[],"prompt_filter_results":[]}"#,
            #"{"choices":[{"delta":{}}],"usage":{"prompt_tokens":8,"completion_tokens":9}}"#,
            #"{"choices":[{}],"x_groq":{"usage":{"prompt_tokens":8}}}"#, #"{"usage":{"prompt_tokens":8}}"#,
            #"{"choices":[],"x":{"usage":{"prompt_tokens":8}}}"#, #"{"choices":{},"usage":{}}"#,
            #"{"choices":null,"usage":{"a":1}}"#, #"{"x":{"choices":[],"usage":{"prompt_tokens":8}}}"#,
        ])
    func passes(data: String) {
        let text = "data: \(data)\n\ndata: [DONE]\n\n"
        for stream in streams(text) { #expect(stream.text == text && stream.ending == .complete) }
    }

    @Test("An event with an error and a usage is an error")
    func reportsError() {
        let event = #"data: {"error":{"message":"no"},"choices":[],"usage":{"prompt_tokens":8}}"# + "\n\n"
        for stream in streams(event) { #expect(stream.text == event && stream.ending == .partial) }
    }

    @Test("The caller who has asked for the usage gets it")
    func shows() {
        let text = Self.hidden + "\n\ndata: [DONE]\n\n"
        for stream in FilteredStream.inAllPieces(text, route: Samples.route()) {
            #expect(stream.text == text && stream.usage == Self.counted)
        }
    }

    @Test("Silence before and after it is filled as usual")
    func fillsSilence() {
        var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter(), hidesUsage: true)
        var output: [UInt8] = []
        for text in [Self.first + "\n\n", Self.hidden, "\n\n", "data: [DONE]\n\n"] {
            Array(text.utf8).withUnsafeBytes { _ = filter.receive($0, into: &output) }
            if !text.contains("DONE") { filter.fillSilence(into: &output) }
        }
        let comments = String(repeating: ": keepalive\n", count: 3)
        #expect(String(decoding: output, as: UTF8.self) == Self.first + "\n\n" + comments + "data: [DONE]\n\n")
    }
}
