import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// What the relay makes of a response.
@Suite struct RelayTests {
    @Test(
        "A content coding that wasn't asked for is an error, however it is written",
        arguments: ["gzip", "GZIP", "x-gzip", "identity, br", "utf-8,zstd", "deflate;q=1", "compress", "aes128gcm"])
    func refusesCodings(field: String) async {
        await #expect(throws: ProxyError.upstreamEncoded(server: "a", encoding: field)) {
            try await Relay.answer(200, [.contentEncoding: field], "x")
        }
    }

    @Test(
        "A Content-Encoding that names no coding is ignored",
        arguments: [
            "", "identity", "none", "utf-8", "UTF8", "binary", "8bit", "application/json", "gzipped", ",",
            "none, identity",
        ])
    func ignoresFalseCodings(field: String) async throws {
        #expect(
            try await Relay.answer(200, [.contentType: "application/json", .contentEncoding: field], "{}").text()
                == "{}")
        #expect(
            try await Relay.answer(400, [.contentEncoding: field], #"{"error":{"message":"m"}}"#).text().contains("m"))
    }

    @Test("A redirect isn't followed, and each of several encodings counts")
    func refuses() async {
        await #expect(throws: ProxyError.upstreamEncoded(server: "a", encoding: "none, gzip")) {
            var fields: HTTPFields = [.contentEncoding: "none"]
            fields.append(HTTPField(name: .contentEncoding, value: "gzip"))
            return try await Relay.answer(200, fields, "x")
        }
        await #expect(throws: ProxyError.upstreamRedirected(server: "a", status: 302)) {
            try await Relay.answer(302, [.location: "http://10.0.0.1/"], "")
        }
    }

    @Test("A status that HTTP doesn't have isn't passed on", arguments: [600, 999])
    func refusesOddStatus(status: Int) async throws {
        let error = await #expect(throws: ProxyError.self) { try await Relay.answer(status, [:], "x") }
        #expect(error?.code == "upstream_malformed")
    }

    @Test("A reverse proxy passes redirects, encodings and errors unchanged")
    func passesPages() async throws {
        for status in [302, 404] {
            let answer = try await Relay.answer(status, [.contentEncoding: "gzip"], "x") { $0.isReverseProxy = true }
            #expect(answer.text() == "x")
        }
    }

    @Test("A plain response passes byte for byte; an empty one on an opened endpoint gets one byte")
    func passesPlain() async throws {
        #expect(try await Relay.answer(200, [.contentType: "application/json"], "{}").text() == "{}")
        for type in ["application/json", "text/html"] {
            #expect(try await Relay.answer(204, [.contentType: type], "", to: .opaque).text() == "\n")
        }
        #expect(try await Relay.answer(200, [.contentType: "text/html"], "<p>", to: .opaque).text() == "<p>")
    }

    @Test(
        "A success without a usable response is an error that says what came",
        arguments: [
            ("", .empty, nil), (" \r\n\t", .empty, nil), ("\u{FEFF}\n", .empty, nil), ("<html>", .page, nil),
            ("\n<!doctype html>", .page, nil), ("\u{FEFF}<?xml?>", .page, nil),
            ("null", .noJSON, nil), ("true", .noJSON, nil),
            ("\"ok\"", .noJSON, "ok"), ("1", .noJSON, "1"), ("OK", .noJSON, "OK"), ("dataset", .noJSON, "dataset"),
            ("Model is\n overloaded\u{7}", .noJSON, "Model is overloaded"), ("Oh: <html>x", .noJSON, "Oh:"),
            ("error: the words", .noJSON, "error: the words"),
            ("\u{1F}\u{8B}", .noJSON, nil),
        ] as [(String, NoAnswer, String?)], [nil, "application/json", "text/html", "text/plain"])
    func refusesNothing(body: (String, NoAnswer, String?), type: String?) async {
        var fields = HTTPFields()
        fields[.contentType] = type
        for (status, asksForStream) in [(200, false), (201, true)] {
            await #expect(
                throws: ProxyError.upstreamSentNoAnswer(server: "a", status: status, body.1, words: body.2)
            ) {
                try await Relay.answer(status, fields, body.0, asksForStream: asksForStream)
            }
        }
    }

    @Test("Leading white space is skipped, also after a byte order mark")
    func skipsBlanks() async throws {
        for blanks in ["\n", "\u{FEFF} "].map({ $0 + String(repeating: "\n", count: 5000) }) {
            for (body, reason, words) in [("<html>", .page, nil), ("", .empty, nil), ("OK", .noJSON, "OK")]
                as [(String, NoAnswer, String?)]
            {
                await #expect(throws: ProxyError.upstreamSentNoAnswer(server: "a", status: 200, reason, words: words)) {
                    try await Relay.answer(200, [.contentType: "application/json"], blanks + body)
                }
            }
            let error = try await Relay.answer(
                200, [.contentType: "text/plain"], blanks + #"{"error":{"message":"no"}}"#)
            guard case .whole(let prelude, _) = error, prelude.status == .badGateway else {
                Issue.record("it is an error")
                continue
            }
        }
    }

    @Test("The quoted text doesn't contain the server's token, and the log doesn't contain the text")
    func keepsWordsFromLog() async {
        let error = await #expect(throws: ProxyError.self) {
            try await Relay.answer(200, [:], "No such key: sk-0123456789") { $0.token = Secret("sk-0123456789") }
        }
        #expect(error?.message.hasSuffix("It said: No such key: [redacted]") == true)
        #expect(error?.detail.contains("No such key") == false)
    }

    @Test("A body of a binary type passes if it isn't a web page")
    func passesBinary() async throws {
        for body in ["plain words", "\u{1F}\u{8B}", "[]"] {
            #expect(try await Relay.answer(200, [.contentType: "application/octet-stream"], body).text() == body)
        }
    }

    @Test(
        "JSON that ends too early is an error if nothing of it has been sent",
        arguments: ["{", #"{"id":1,"#, #"{"id":1"#, "[", "[{}", #"{"a":[1]"#, #"{"errors":["m""#])
    func refusesCutOff(body: String) async {
        for type in ["application/json", "text/plain"] {
            await #expect(throws: ProxyError.upstreamSentNoAnswer(server: "a", status: 200, .cutOff)) {
                try await Relay.answer(200, [.contentType: type], body + "\n")
            }
        }
    }

    @Test(
        "A long response whose JSON ends too early is cut off, so that clients see that it is incomplete",
        arguments: [#"{"a":"#, "[\"", "\n"])
    func cutsPlain(start: String) async throws {
        let blanks = String(repeating: " ", count: start == "\n" ? 40_000 : 0)
        let long = start + blanks + String(repeating: "x", count: 5000)
        let answer = try await Relay.answer(200, [.contentType: "application/json"], long)
        guard case .stream(_, let pipe) = answer, case .failed = pipe.end else {
            Issue.record("the chunked body must be aborted")
            return
        }
    }

    @Test(
        "A long complete response passes",
        arguments: ["", " \n", "\u{FEFF}"],
        ["", " \n", "\0", "\u{1A}"])
    func passesLong(start: String, end: String) async throws {
        try await passesWhole(start + #"{"a":""# + String(repeating: "x", count: 5000) + "\"}" + end)
        try await passesWhole(start + String(repeating: "\n", count: 40_000) + "{}" + end)
    }

    private func passesWhole(_ long: String) async throws {
        let answer = try await Relay.answer(200, [.contentType: "application/json"], long)
        guard case .stream(_, let pipe) = answer, case .complete = pipe.end else {
            Issue.record("it is whole")
            return
        }
        #expect(answer.text() == long)
    }

    @Test(
        "An event stream is recognized by its media type, whatever its case and parameters",
        arguments: ["text/event-stream", "Text/Event-Stream; charset=utf-8", " text/event-stream ;x=y"])
    func knowsEventStreams(type: String) async throws {
        let answer = try await Relay.answer(
            200, [.contentType: type], "data: half", error: TransportError(.reset, ""), asksForStream: true)
        #expect(answer.text().contains(#"data: {"error":"#))
    }

    @Test("What follows complete JSON is left to the client", arguments: ["\0", ";", "\u{1A}", "\n//", "}"])
    func passesTrailing(end: String) async throws {
        #expect(
            try await Relay.answer(200, [.contentType: "application/json"], #"{"id":1}"# + end).text() == #"{"id":1}"#
                + end)
    }
}
