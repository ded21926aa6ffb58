import Testing
import Transport

@testable import Proxy

@Suite struct ReportedErrorTests {
    private static let first = "data: {\"choices\":[]}\n\n"

    private func check(_ event: String, _ expected: (FilteredStream) -> Void) {
        for rest in ["", "data: {}\n\n", "data: [DONE]\n\n", "data: {\"error\":{\"message\":\"second\"}}\n\n"] {
            for stream in FilteredStream.inAllPieces(Self.first + event + rest, route: Samples.route()) {
                #expect(stream.ending == .partial && stream.trailers == 2)
                #expect(stream.text.hasPrefix(Self.first))
                let reader = EventReader(Array(stream.output.dropFirst(Self.first.utf8.count)))
                #expect(reader.events.count == 1 && reader.errors.count == 1)
                expected(stream)
            }
        }
    }

    @Test(
        "An error that SDKs can read passes byte for byte, and nothing after it does",
        arguments: [
            "data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n",
            "event: error\r\ndata: {\"type\":\"error\",\r\ndata: \"error\" : {\"message\": \"m\"}}\r\n\n",
            "id: 1\ndata:{\"choices\":[],\"error\":{\"code\":null,\"message\":\"\"}}\n\n",
        ])
    func passesReadable(event: String) {
        check(event) { #expect($0.text == Self.first + event) }
    }

    @Test(
        "An error in another format is converted to OpenAI's, with its message",
        arguments: [
            ("data: {\"error\":\"no\"}", ["no", "upstream_error", nil, nil]),
            ("data: {\"error\":\"no\",\"code\":\"c\"}", ["no", "upstream_error", nil, "c"]),
            ("data: {\"error\":true,\"message\":\"no\"}", ["no", "upstream_error", nil, nil]),
            ("data: {\"error\":{\"code\":503,\"type\":\"t\",\"param\":\"p\"}}", [summary, "t", "p", "503"]),
            ("data: {\"error\":{\"message\":{\"a\":1}}}", ["{\"a\":1}", "upstream_error", nil, nil]),
            ("data: {\"error\":{\"detail\":\"no\"}}", ["no", "upstream_error", nil, nil]),
            ("event: error\ndata: {\"message\":\"no\",\"type\":\"t\",\"code\":\"c\"}", ["no", "t", nil, "c"]),
            (
                "event: error\ndata: {\"type\":\"error\",\"code\":\"c\",\"message\":\"é\",\"param\":null}",
                ["é", "upstream_error", nil, "c"]
            ),
            ("data: {\"object\":\"error\",\"message\":\"no\",\"type\":\"t\",\"code\":400}", ["no", "t", nil, "400"]),
            ("data: {\"type\":\"error\",\"message\":\"no\"}", ["no", "upstream_error", nil, nil]),
            ("event: error\ndata: no", ["no", "upstream_error", nil, nil]),
            ("event: error\ndata: {\"error\":null}", [summary, "upstream_error", nil, nil]),
            ("event: error", [summary, "upstream_error", nil, nil]),
            ("\u{FEFF}data: {\"error\":{\"message\":\"no\"}}", ["no", "upstream_error", nil, nil]),
        ] as [(String, [String?])])
    func wraps(event: String, words: [String?]) {
        check(event + "\n\n") { stream in
            let error = EventReader(stream.output).errors.last ?? [:]
            #expect([error["message"], error["type"], error["param"], error["code"]] == words)
        }
    }

    @Test(
        "An error in a field of its own, which SDKs don't read, becomes an error event that ends the stream",
        arguments: [
            (#"error: {"code":500,"message":"no","type":"server_error"}"#, ["no", "server_error", nil, "500"]),
            (#"error:{"code":500,"message":"no","type":"server_error"}"#, ["no", "server_error", nil, "500"]),
            (#"Error: {"message":"no"}"#, ["no", "upstream_error", nil, nil]),
            (#"ERROR:{"error":{"message":"no","type":"t","param":"p","code":"c"}}"#, ["no", "t", "p", "c"]),
            (#"error: {"error":"no"}"#, ["no", "upstream_error", nil, nil]),
            ("error: out of memory", ["out of memory", "upstream_error", nil, nil]),
            ("error: no more memory", ["no more memory", "upstream_error", nil, nil]),
            ("error: {\nerror: \"message\": \"no\"\nerror: }", ["no", "upstream_error", nil, nil]),
            ("data: {\"choices\":[]}\nerror: {\"message\":\"no\"}", ["no", "upstream_error", nil, nil]),
            ("error: {\"message\":\"no\"}\ndata: [DONE]", ["no", "upstream_error", nil, nil]),
            ("event: error\nid: 1\nerror: {\"message\":\"no\"}", ["no", "upstream_error", nil, nil]),
            ("error: {\"message\":\"é \\\"sk-a\\\"\"}\n: note", ["é \"sk-a\"", "upstream_error", nil, nil]),
        ] as [(String, [String?])], ["\n", "\r\n", "\r"])
    func readsErrorField(field: (String, [String?]), lineEnd: String) {
        let event = field.0.split(separator: "\n").joined(separator: lineEnd)
        check(event + lineEnd + lineEnd) { stream in
            let error = EventReader(stream.output).errors.last ?? [:]
            #expect([error["message"], error["type"], error["param"], error["code"]] == field.1)
        }
        for text in [event, event + lineEnd] {
            for stream in FilteredStream.inAllPieces(text, route: Samples.route { $0.expectsDone = false }) {
                #expect(EventReader(stream.output).errors.count == 1 && stream.ending == .partial)
            }
        }
    }

    @Test(
        "An error field without content is ignored",
        arguments: [
            "error:", "error: ", "error", "error: null", "error: {}", "error: \"\"", "error: false", "error:[]",
            "error: 0",
            "errors: no", "terror: no", ": error: no", " error: no", "error no",
        ])
    func leavesOtherFields(field: String) {
        let text = "\(field)\n\n\(field)\ndata: 1\n\ndata: [DONE]\n\n"
        for stream in FilteredStream.inAllPieces(text, route: Samples.route()) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test("A token in such a field is removed")
    func redactsErrorField() {
        let route = Samples.route { $0.token = Secret("sk-0123456789") }
        for stream in FilteredStream.inAllPieces("error: bad key sk-0123456789\n\n", route: route) {
            #expect(EventReader(stream.output).errors.map { $0["message"] } == ["bad key [redacted]"])
        }
    }

    private static let summary = "The server 'a' reported an error in its answer."

    @Test(
        "Events that only look like errors pass, and so does what follows",
        arguments: [
            "{\"error\":null}", "{\"error\": null, \"choices\":[]}", "{\"error\":false}", "{\"error\":\"\"}",
            "{\"error\":{}}", "{\"error\":0}", "{\"error\":[]}", "{\"delta\":{\"error\":{\"message\":\"m\"}}}",
            "{\"content\":\"\\\"error\\\": 1\"}", "{\"type\":\"error\"}", "{\"a\":\"error\"}", "[\"error\"]",
            "{\"error\":{ }}", "{\"error\":[ ],\"message\":\"m\"}", "{\"error\":\" \"}",
        ])
    func passesOthers(data: String) {
        let text = "data: \(data)\n\nevent: errors\ndata: 1\n\ndata: [DONE]\n\n"
        for stream in FilteredStream.inAllPieces(text, route: Samples.route()) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test("An incomplete error is reported if its message is complete", arguments: [true, false])
    func closesUnfinished(breaks: Bool) {
        let text = Self.first + "data: {\"error\":{\"message\":\"m\"}}\n"
        let error = breaks ? TransportError(.reset, "") : nil
        for stream in FilteredStream.inAllPieces(text, error: error, route: Samples.route()) {
            #expect(EventReader(stream.output).errors.map { $0["message"] } == ["m"])
            #expect(stream.ending == .partial)
        }
    }

    @Test(
        "If clients don't understand OpenAI's errors, the provider's own passes; one named 'error' ends the stream",
        arguments: [
            ("event: error\ndata: {\"message\":\"no\"}", true), ("event: error", true),
            (
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"O\"}}",
                true
            ),
            ("data: {\"error\":\"no\"}", false), ("error: no", false),
            ("data: {\"error\":{\"message\":\"no\"}}", false),
        ])
    func leavesForeignErrors(event: String, isNamed: Bool) {
        let route = Samples.route(.opaque, streamEnd: .unmarked)
        for stream in FilteredStream.inAllPieces(event + "\n\ndata: late\n\n", route: route) {
            #expect(stream.text == event + "\n\n" && stream.ending == (isNamed ? .partial : .failed))
        }
        for stream in FilteredStream.inAllPieces(event + "\n", route: route) {
            #expect(stream.text == event + "\n" && stream.ending == .failed)
        }
    }
}
