import Testing
import Transport

@testable import Proxy

@Suite struct StrayDataTests {
    private static let done = "data: [DONE]\n\n"

    /// The messages of the errors that an SDK reads, and how the stream ends.
    private func check(
        _ text: String, end: StreamEnd = .done, error: TransportError? = nil, says words: String?, code: String? = nil
    ) {
        for expectsDone in [true, false] {
            let route = Samples.route(streamEnd: end) { $0.expectsDone = expectsDone }
            let bytes = Array(text.utf8)
            for pieces in [[bytes], bytes.map { [$0] }] {
                let stream = FilteredStream(pieces, error: error, route: route)
                let errors = EventReader([0x0A] + stream.output).errors
                #expect(errors.count == 1 && stream.ending == .partial, "\(text)")
                #expect(words.map { errors.first?["message"] == $0 } ?? true, "\(text)")
                #expect(code.map { errors.first?["code"] == $0 } ?? true, "\(text)")
                #expect(!stream.text.contains("<") && !stream.text.contains("expects_done"), "\(text)")
            }
        }
    }

    @Test(
        "An error that SDKs would misread reaches them with its message",
        arguments: [
            #"{"errors":[{"message":"the words"}]}"#, #"{"errors":["the words"]}"#, #"{"errors":"the words"}"#,
            #"{"detail":"the words"}"#, #"{"detail":{"msg":"the words"}}"#, #"{"detail":[{"msg":"the words"}]}"#,
            #"{"code":500,"message":"the words"}"#, #"{"code":"x","message":"the words","request_id":"r"}"#,
            #"{"message":"the words"}"#, #"{"Message":"the words"}"#, #"{"msg":"the words","status":429}"#,
            #"{"status":"error","message":"the words"}"#, #"{"success":false,"errors":[{"message":"the words"}]}"#,
            #"{"type":"server_error","message":"the words","code":null}"#, #"{"error_msg":"the words"}"#,
            #"{"type":"about:blank","detail":"the words","status":503}"#, #"{"err":"the words"}"#,
            #"{"message":"the words","choices":[],"usage":null}"#, #"[{"message":"the words"}]"#,
            #"{"message":["the words"],"statusCode":400}"#, #""the words""#, "the words", "  the words ",
        ], [StreamEnd.done, .response])
    func readsErrors(data: String, end: StreamEnd) {
        check("data: \(data)\n\n" + Self.done, end: end, says: "the words")
        check("event: message\ndata: \(data)\n\ndata: late\n\n", end: end, says: "the words")
        check("data: {\"type\":\"x\"}\n\ndata: \(data)\n\n", end: end, says: "the words")
    }

    @Test(
        "Data that isn't JSON is an error, with its text",
        arguments: [
            "Internal Server Error", "upstream connect error: 111", "true story", "NotFound", "404 page not found",
            "[ERROR] no memory", #"{"cut":"off"#, #"{"a":1}{"a":2}"#, "error", "é",
        ])
    func readsTexts(data: String) {
        check("data: \(data)\n\n" + Self.done, says: data)
    }

    @Test(
        "Valid events pass, however unusual they are",
        arguments: [
            #"{}"#, #"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"a":{}}]}"#,
            #"{"model":"llama3","created_at":"x","message":{"role":"assistant","content":"Hi"},"done":false}"#,
            #"{"choices":[],"usage":{"prompt_tokens":1}}"#, #"{"usage":{"prompt_tokens":1}}"#,
            #"{"citations":["https://a.example"],"choices":[{"delta":{"content":"x"}}]}"#,
            #"{"x_groq":{"id":"req_1"},"choices":[]}"#, #"{"timings":{"prompt_n":1},"choices":[]}"#,
            #"{"provider":"OpenAI","choices":[{"delta":{"content":"x"},"error":null}]}"#,
            #"{"code":0,"message":"Success","sid":"s","choices":[{"delta":{"content":"x"}}]}"#,
            #"{"code":0,"message":"Success"}"#, #"{"code":"200","msg":"ok"}"#, #"{"success":true,"message":"ok"}"#,
            #"{"status":"processing","message":"Still working."}"#, #"{"error":null,"message":"fine"}"#,
            #"{"type":"ping"}"#, #"{"type":"status","message":"Searching."}"#, #"{"event":"ping","message":"x"}"#,
            #"{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}"#, #"{"message":{"role":"assistant"}}"#,
            #"{"index":1,"message":"x"}"#, #"{"delta":"x","message":"x"}"#,
            #"{"message":"","detail":null,"errors":[]}"#,
            #"{"errors":[ ],"x":1}"#, #"{"a":NaN}"#, "null", "0", "[]", #""""#, #""[DONE]""#, "", " ",
            #"{"created":1,"detail":"x"}"#, #"{"id":"a","detail":"x"}"#, #"{"object":"ping","message":"x"}"#,
        ])
    func passes(data: String) {
        let text = "data: {\"id\":\"a\"}\n\ndata: \(data)\n\n" + Self.done
        for stream in FilteredStream.inAllPieces(text, route: Samples.route()) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test(
        "Events with a name of their own, and those of the Responses API, pass",
        arguments: [
            "event: ping\ndata: {}", "event: ping\ndata: ping", "event: status\ndata: {\"message\":\"Searching.\"}",
            "event: keepalive\ndata:", "data: {\"type\":\"response.created\",\"response\":{\"error\":null}}",
            "event: response.in_progress\ndata: {\"response\":{\"error\":null}}",
            "data: {\"delta\":\"x\",\"type\":\"response.output_text.delta\"}",
            "data: {\"type\":\"response.refusal.delta\",\"message\":\"x\",\"detail\":\"y\"}",
            "data: {\"sequence_number\":1,\"item\":{\"type\":\"message\"},\"type\":\"response.output_item.added\"}",
        ])
    func passesNamed(event: String) {
        let text = "\(event)\n\ndata: {\"type\":\"response.completed\"}\n\n"
        for stream in FilteredStream.inAllPieces(text, route: Samples.route(streamEnd: .response)) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test(
        "Such data passes if clients don't understand OpenAI's errors or the stream isn't read",
        arguments: [true, false])
    func leavesUnknown(isReverseProxy: Bool) {
        let text = "data: the words\n\ndata: {\"detail\":\"x\"}\n\n<p>\n\n{\"error\":1}\n\n"
        let route = Samples.route(.opaque, streamEnd: .unmarked) { $0.isReverseProxy = isReverseProxy }
        for stream in FilteredStream.inAllPieces(text, route: route) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test(
        "A bare JSON error that is labeled as a stream is reported with its message",
        arguments: ["", "\n", "\n\n", "\r\n\r\n"])
    func readsBareErrors(lineEnd: String) {
        for body in [
            #"{"error":{"message":"the words","code":429}}"#,
            "{\n  \"error\": {\n    \"message\": \"the words\"\n  }\n}",
            "{\n\n  \"error\": {\n\n\"message\": \"the words\"}}", #"[{"error":{"message":"the words"}}]"#,
            #"{"detail":"the words"}"#, #"{"object":"error","message":"the words"}"#,
            #"  {"error":{"message":"the words"}}"#,
        ] {
            check(body + lineEnd, says: "the words")
            check(body + lineEnd, error: TransportError(.reset, ""), says: "the words")
        }
        let first = "data: {\"id\":\"a\"}\n\n"
        check(first + "{\"error\":{\"message\":\"the words\"}}\n\n" + Self.done, says: "the words")
    }

    @Test("HTML that is labeled as a stream doesn't pass", arguments: ["", "\n", "\n\n"])
    func refusesPages(lineEnd: String) {
        for page in ["<html>x</html>", "<!doctype html>\n\n<p>x", "<?xml?>", "\n <html>", "data: <html>"] {
            let end = page.hasPrefix("data") ? "\n\n" : lineEnd
            check(page + end, says: nil, code: "upstream_not_json")
        }
    }

    @Test(
        "Other content that is labeled as a stream is reported as such",
        arguments: [
            "Internal Server Error", "the words\n\n", "OK\n", #"{"choices":[{"message":{}}]}"#, "{}\n\n", "{\"a\":",
        ])
    func refusesTexts(body: String) {
        check(body, says: nil, code: "upstream_not_json")
        check(body, error: TransportError(.reset, ""), says: nil, code: "upstream_disconnected")
    }

    @Test("The token is removed from such texts")
    func redacts() {
        let route = Samples.route { $0.token = Secret("sk-0123456789") }
        for text in ["data: bad sk-0123456789\n\n", "{\"error\":{\"message\":\"bad sk-0123456789\"}}\n\n"] {
            for stream in FilteredStream.inAllPieces(text, route: route) {
                #expect(EventReader(stream.output).errors.map { $0["message"] } == ["bad [redacted]"])
            }
        }
    }
}
