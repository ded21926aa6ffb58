import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct RelayTests {
    private func answer(
        _ status: Int, _ fields: HTTPFields, _ body: String, error: TransportError? = nil,
        _ change: (inout Server) -> Void = { _ in }
    ) async throws -> Answer {
        let pipe = BodyPipe()
        Array(body.utf8).withUnsafeBytes { pipe.write($0) }
        pipe.finish(error)
        let response = TransportResponse(status: .init(code: status), fields: fields, body: pipe)
        return try await Relay.answer(response, for: Samples.route(.json(model: "m"), change), meter: Samples.meter())
    }

    private func text(_ answer: Answer) -> String {
        switch answer {
        case .whole(_, let body): String(decoding: body, as: UTF8.self)
        case .stream(_, let pipe): String(decoding: pipe.readAll(), as: UTF8.self)
        }
    }

    @Test(
        "An error that OpenAI's clients understand passes byte for byte, with its status",
        arguments: [#"{"error": {"message":"no","code":"x"}}"#, #"{"object":"error","error":"no"}  "#])
    func passesErrors(body: String) async throws {
        let answer = try await answer(429, [.contentType: "application/json", .retryAfter: "7"], body)
        guard case .whole(let prelude, let bytes) = answer else {
            Issue.record("an error is read as a whole")
            return
        }
        #expect(prelude.status.code == 429)
        #expect(prelude.fields[.retryAfter] == "7")
        #expect(bytes == Array(body.utf8))
    }

    @Test(
        "Any other error is wrapped, its status kept and its words too if it has some",
        arguments: [
            ("<html>502</html>", "The server 'a' answered 502."), ("", "The server 'a' answered 502."),
            (#"{"detail":"Not enough memory"}"#, "The server 'a' answered 502: Not enough memory"),
            (#"{"detail":[{"loc":["body"]}]}"#, #"The server 'a' answered 502: [{\"loc\":[\"body\"]}]"#),
            (#"{"message":"m"}"#, "The server 'a' answered 502: m"), ("[1]", "The server 'a' answered 502."),
            (#"{"error":1"#, "The server 'a' answered 502."), ("null", "The server 'a' answered 502."),
        ])
    func wrapsErrors(body: String, message: String) async throws {
        let answer = try await answer(502, [.contentType: "text/html"], body)
        guard case .whole(let prelude, _) = answer else {
            Issue.record("an error is read as a whole")
            return
        }
        #expect(prelude.status.code == 502)
        #expect(prelude.fields[.contentType] == "application/json")
        #expect(
            text(answer) == #"{"error":{"message":"\#(message)","type":"upstream_error","param":null,"code":null}}"#)
    }

    @Test("An error too long to be one is wrapped")
    func wrapsLongErrors() async throws {
        let answer = try await answer(500, [:], #"{"error":""# + String(repeating: "x", count: 300_000) + "\"}")
        #expect(text(answer).contains("The server 'a' answered 500."))
    }

    @Test(
        "A coding that wasn't asked for is not undone, however it is written",
        arguments: ["gzip", "GZIP", "x-gzip", "identity, br", "utf-8,zstd", "deflate;q=1", "compress", "aes128gcm"])
    func refusesCodings(field: String) async {
        await #expect(throws: ProxyError.upstreamEncoded(server: "a", encoding: field)) {
            try await answer(200, [.contentEncoding: field], "x")
        }
    }

    @Test(
        "What names no coding is ignored",
        arguments: [
            "", "identity", "none", "utf-8", "UTF8", "binary", "8bit", "application/json", "gzipped", ",",
            "none, identity",
        ])
    func ignoresFalseCodings(field: String) async throws {
        #expect(try await text(answer(200, [.contentType: "application/json", .contentEncoding: field], "{}")) == "{}")
        #expect(try await text(answer(400, [.contentEncoding: field], #"{"error":{"message":"m"}}"#)).contains("m"))
    }

    @Test("A redirect is not followed, and of repeated encodings each counts")
    func refuses() async {
        await #expect(throws: ProxyError.upstreamEncoded(server: "a", encoding: "none, gzip")) {
            var fields: HTTPFields = [.contentEncoding: "none"]
            fields.append(HTTPField(name: .contentEncoding, value: "gzip"))
            return try await answer(200, fields, "x")
        }
        await #expect(throws: ProxyError.upstreamRedirected(server: "a", status: 302)) {
            try await answer(302, [.location: "http://10.0.0.1/"], "")
        }
    }

    @Test("A status that HTTP doesn't have is not passed on", arguments: [600, 999])
    func refusesOddStatus(status: Int) async throws {
        let error = await #expect(throws: ProxyError.self) { try await answer(status, [:], "x") }
        #expect(error?.code == "upstream_malformed")
    }

    @Test("An error that is encoded keeps its status, so that it can be tried again")
    func keepsStatusOfEncodedErrors() async throws {
        let answer = try await answer(503, [.contentEncoding: "gzip", .retryAfter: "3"], "\u{1F}\u{8B}")
        guard case .whole(let prelude, let body) = answer else {
            Issue.record("an error is read as a whole")
            return
        }
        #expect(prelude.status.code == 503 && prelude.fields[.retryAfter] == "3")
        #expect(String(decoding: body, as: UTF8.self).contains("The server 'a' answered 503."))
    }

    @Test("A reverse proxy passes redirects, encodings and errors as they are")
    func passesPages() async throws {
        for status in [302, 404] {
            let answer = try await answer(status, [.contentEncoding: "gzip"], "x") { $0.isReverseProxy = true }
            #expect(text(answer) == "x")
        }
    }

    @Test("A plain answer passes byte for byte, an empty one gets a byte", arguments: [("{}", "{}"), ("", "\n")])
    func passesPlain(body: String, expected: String) async throws {
        #expect(text(try await answer(200, [.contentType: "application/json"], body)) == expected)
    }

    @Test("A plain answer that breaks off is cut off, so that it doesn't pass for a whole one")
    func cutsPlain() async throws {
        let answer = try await answer(200, [:], "half a text", error: TransportError(.reset, ""))
        guard case .stream(_, let pipe) = answer, case .failed = pipe.end else {
            Issue.record("the chunked body must be aborted")
            return
        }
    }

    @Test(
        "An event stream is told by its media type alone",
        arguments: ["text/event-stream", "Text/Event-Stream; charset=utf-8", " text/event-stream ;x=y"])
    func knowsEventStreams(type: String) async throws {
        let answer = try await answer(200, [.contentType: type], "data: half", error: TransportError(.reset, ""))
        #expect(text(answer).contains(#"data: {"error":"#))
    }
}
