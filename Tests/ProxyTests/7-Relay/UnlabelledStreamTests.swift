import HTTPTypes
import Testing
import Transport

@testable import Proxy

/// Responses whose `Content-Type` doesn't match their first bytes.
@Suite struct UnlabelledStreamTests {
    private typealias Step = ScriptedTransport.Step

    private static let content = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
    private static let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":4}}\n\n"
    private static let done = "data: [DONE]\n\n"
    private static let answer = #"{"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":4}}"#

    private func heard(
        _ type: String?, _ body: String, asking request: String, path: String = "/a/v1/chat/completions",
        delay: Int = 0, _ change: (inout Server) -> Void = { _ in }
    ) throws -> Heard {
        var fields = HTTPFields()
        fields[.contentType] = type
        let server = Samples.server("a") {
            ($0.retries, $0.asksForUsage) = (0, true)
            change(&$0)
        }
        return try Heard.of(
            [server], [Step(outcome: .answer(200, fields, body), delay: delay)], path: path, body: request)
    }

    @Test(
        "A requested stream is recognized, whatever its Content-Type",
        arguments: [nil, "text/plain", "application/json", "application/octet-stream"],
        [#"{"stream":true}"#, #"{"stream":1}"#, #"{"Stream":true}"#])
    func knowsStreams(type: String?, request: String) throws {
        for start in ["", "\u{FEFF}", "\n", ": hi\n\n", "event: x\n", "id: 1\n"] {
            let heard = try heard(type, start + Self.content + Self.usage + Self.done, asking: request)
            #expect(heard.body == start + Self.content + Self.done, "the usage is hidden")
            #expect(heard.fields["content-type"] == "text/event-stream; charset=utf-8")
            #expect(heard.records.contains { $0.contains(#""gen_ai.usage.output_tokens":4"#) })
        }
    }

    @Test("It gets an error event if it breaks off, and may follow an early response")
    func completesStreams() throws {
        let half = try heard(nil, Self.content + "data: {", asking: #"{"stream":true}"#)
        #expect(half.body.hasPrefix(Self.content + "data: {\"error\":") && half.body.contains("upstream_truncated"))
        let late = try heard(nil, Self.content + Self.done, asking: #"{"stream":true}"#, delay: 20_000)
        #expect(late.body == ": keepalive\n" + Self.content + Self.done)
    }

    @Test("A stream that begins with llama.cpp's error is recognized", arguments: [nil, "text/plain"])
    func knowsErrorField(type: String?) throws {
        let heard = try heard(type, "error: {\"message\":\"no\"}\n\n" + Self.done, asking: #"{"stream":true}"#)
        #expect(heard.body.hasPrefix(#"data: {"error":{"message":"no","#) && !heard.body.contains("DONE"))
    }

    @Test(
        "JSON that is labeled as a stream is JSON if no stream was asked for", arguments: ["{}", #"{"stream":false}"#])
    func knowsJSON(request: String) throws {
        let heard = try heard("text/event-stream", Self.answer, asking: request)
        #expect(heard.body == Self.answer)
        #expect(heard.fields["content-type"] == "text/event-stream")
        #expect(heard.records.contains { $0.contains(#""gen_ai.usage.output_tokens":4"#) })
        let error = try self.heard("text/event-stream", #"{"error":{"code":429}}"#, asking: request)
        #expect(error.status == "429")
    }

    @Test(
        "JSON without its label is metered, also in place of a stream", arguments: ["{}", #"{"stream":true}"#])
    func metersJSON(request: String) throws {
        for type in [nil, "text/plain", "text/json", "application/octet-stream"] {
            let heard = try heard(type, Self.answer, asking: request)
            #expect(heard.body == Self.answer && heard.fields["content-type"] == type)
            #expect(heard.records.contains { $0.contains(#""gen_ai.usage.output_tokens":4"#) })
        }
    }

    @Test(
        "A stream that ends inside its first field is an error, whatever its Content-Type",
        arguments: [
            ("d", "upstream_not_json"), ("da", "upstream_not_json"), ("data", "upstream_truncated"),
            ("event", "upstream_empty"), ("id", "upstream_empty"),
        ], [nil, "text/plain", "application/json"])
    func completesBeginnings(body: (text: String, code: String), type: String?) throws {
        let heard = try heard(type, body.text, asking: #"{"stream":true}"#)
        #expect(heard.body.contains(body.code))
        #expect(heard.fields["content-type"] == "text/event-stream; charset=utf-8")
    }

    @Test("A stream may begin with more empty lines than are examined", arguments: [nil, "text/plain"])
    func skipsEmptyLines(type: String?) throws {
        let lines = String(repeating: "\n", count: 5000)
        let heard = try heard(type, lines + Self.content + Self.usage + Self.done, asking: #"{"stream":true}"#)
        #expect(heard.body == lines + Self.content + Self.done)
    }

    @Test("A stream that was not asked for is an error, and isn't asked for again")
    func refusesUnaskedStreams() throws {
        let heard = try heard("text/event-stream", Self.content, asking: "{}")
        #expect(heard.status == "502" && heard.body.contains("upstream_not_json"))
        #expect(heard.fields["x-should-retry"] == "false")
    }

    @Test("JSON in place of a stream passes unchanged, unless it is an error")
    func leavesJSON() throws {
        let heard = try heard("text/plain", "{}", asking: #"{"stream":true}"#)
        #expect(heard.body == "{}" && heard.fields["content-type"] == "text/plain")
        let error = try self.heard(nil, #"[{"error":{"code":429}}]"#, asking: #"{"stream":true}"#)
        #expect(error.status == "429")
    }

    @Test(
        "A body that is neither a stream nor JSON is an error",
        arguments: [
            ("", "upstream_empty"), ("\n", "upstream_empty"), ("dataset", "upstream_not_json"),
            ("<p>", "upstream_not_json"),
        ],
        ["{}", #"{"stream":true}"#])
    func refusesOthers(body: (String, String), request: String) throws {
        for type in [nil, "text/plain", "application/json"] {
            let heard = try heard(type, body.0, asking: request)
            #expect(
                heard.status == "502" && heard.body.contains(body.1) && heard.body.hasPrefix(#"{"error":{"message""#))
            #expect(heard.records.contains { $0.contains(body.1) })
        }
    }

    @Test(
        "An unusable response is retried, and a web page at another URL",
        arguments: [("", 2), ("<html>", 1), ("{", 2)])
    func retries(body: String, calls: Int) throws {
        let steps = [Step(outcome: .answer(200, [:], body)), Step(outcome: .answer(200, [:], Self.answer))]
        let heard = try Heard.of([Samples.server("a") { $0.retries = 1 }], steps)
        #expect(heard.calls.count == calls && (heard.status == "200") == (calls == 2))
        let servers = [
            Samples.server("a") { ($0.retries, $0.fallbacks) = (0, ["b"]) }, Samples.server("b"),
        ]
        #expect(try Heard.of(servers, steps).fields["x-proxy-server"] == "b")
    }

    @Test("Anything but a list of models is an error too")
    func refusesLists() throws {
        for body in ["", "<html>", "null"] {
            let heard = try Heard.of(
                [Samples.server("a") { $0.retries = 0 }], [Step(outcome: .answer(200, [:], body))], method: "GET",
                path: "/a/v1/models", body: "")
            #expect(heard.status == "502" && heard.body.contains(body.isEmpty ? "upstream_empty" : "upstream_not_json"))
        }
    }

    @Test("The bodies of a reverse proxy and an opened endpoint aren't examined")
    func leavesOpaque() throws {
        let request = #"{"stream":true}"#
        let page = try heard("text/plain", Self.content, asking: request, path: "/a/x") { $0.isReverseProxy = true }
        #expect(page.body == Self.content && page.fields["content-type"] == "text/plain")
        for body in ["", "<html>", "null", "{"] {
            let empty = try heard("application/json", body, asking: request, path: "/a/v1/files") {
                $0.endpoints = [.init("files")]
            }
            #expect(empty.status == "200" && empty.body == (body.isEmpty ? "\n" : body))
        }
        let opened = try heard("text/plain", Self.content, asking: request, path: "/a/v1/files") {
            $0.endpoints = [.init("files")]
        }
        #expect(opened.body == Self.content && opened.fields["content-type"] == "text/plain")
    }
}
