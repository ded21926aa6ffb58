import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// On one actor, as in the program, so that the writer and the reader take turns.
@MainActor @Suite struct ErrorInSuccessTests {
    private static let json: HTTPFields = [.contentType: "application/json; charset=utf-8", .retryAfter: "7"]

    /// Relays a body that arrives in these pieces, each when the relay waits for it.
    private func answer(
        _ pieces: [String], fields: HTTPFields = json, error: TransportError? = nil, asksForStream: Bool = false,
        _ change: (inout Server) -> Void = { _ in }
    ) async throws -> (status: Int, body: String, isStream: Bool) {
        let pipe = BodyPipe()
        let response = TransportResponse(status: .ok, fields: fields, body: pipe)
        let route = Samples.route(.json(model: "m"), change)
        let task = Task {
            try await Relay.answer(response, for: route, meter: Samples.meter(), asksForStream: asksForStream)
        }
        for piece in pieces {
            await isWaiting(pipe)
            Array(piece.utf8).withUnsafeBytes { pipe.write($0) }
        }
        await isWaiting(pipe)
        pipe.finish(error)
        switch try await task.value {
        case .whole(let prelude, let body):
            #expect(prelude.fields[.retryAfter] == "7")
            return (prelude.status.code, String(decoding: body, as: UTF8.self), false)
        case .stream(let prelude, let body):
            return (prelude.status.code, String(decoding: body.readAll(), as: UTF8.self), true)
        }
    }

    /// Yields until the relay waits or has finished.
    private func isWaiting(_ pipe: BodyPipe) async {
        for _ in 0..<50 where pipe.onReadable == nil { await Task.yield() }
    }

    @Test(
        "An error with a success status gets an error status, and stays byte for byte if SDKs can read it",
        arguments: [
            (#"{"error":{"message":"m","code":429}}"#, 429), (#" {"error" : { "message": "m", "code": "c"} }"#, 502),
            ("\n{\n\"error\":{\"message\":\"m\",\"status\":503,\"code\":null},\"x\":1}\n", 503),
            (#"{"error":{"code":200,"message":"m"}}"#, 502), (#"{"error":{"code":600,"message":"m"}}"#, 502),
            (#"{"type":"error","error":{"message":"m"}}"#, 502),
        ])
    func keepsObjects(body: String, status: Int) async throws {
        for pieces in [[body], body.map { String($0) }] {
            let answer = try await answer(pieces)
            #expect(answer == (status, body, false))
        }
    }

    @Test(
        "An error in another format is wrapped",
        arguments: [
            (#"{"error":"no é"}"#, 502, "no é", "null"), (#"{"error":"no","status":404}"#, 404, "no", "null"),
            (#"{"error":true,"message":"no"}"#, 502, "no", "null"),
            (#"{"error":404,"message":"no"}"#, 404, "no", "\"404\""), (#"{"error":["no"]}"#, 502, "no", "null"),
            (#"[{"error":{"code":429,"message":"no"}}]"#, 429, "no", "\"429\""),
            (#"{"object":"error","message":"no","code":400}"#, 400, "no", "\"400\""),
            (#"{"type":"error","message":"no"}"#, 502, "no", "null"),
            (#"{"errors":[{"message":"no","code":"c"}],"data":null}"#, 502, "no", "\"c\""),
            (#"{"errors":["no"]}"#, 502, "no", "null"), (#"{"error_code":17,"error_msg":"no"}"#, 502, "no", "\"17\""),
            ("\u{FEFF}" + #"{"error":"no"}"#, 502, "no", "null"), (#"{"error":{"detail":"no"}}"#, 502, "no", "null"),
            (#"{"error":{"message":"cu"#, 502, #"{\"error\":{\"message\":\"cu"#, "null"),
            ("{\"error\":\"no\"}\n\ndata: [DONE]\n\n", 502, "no", "null"),
            (#"{"error":{"code":"c"}}"#, 502, summary, "\"c\""), (#"{"error":"<html>no"}"#, 502, summary, "null"),
            (#"{"error":{"message":"<html>no"}}"#, 502, summary, "null"),
            (#"{"errors":["<html>no"]}"#, 502, summary, "null"),
            (#"{"detail":"no"}"#, 502, "no", "null"), (#"{"message":"no","code":500}"#, 500, "no", "\"500\""),
            (#"{"success":false,"errors":[{"message":"no"}]}"#, 502, "no", "null"),
            (#"{"status":"error","message":"no"}"#, 502, "no", "null"),
            (#"{"msg":"no","data":null}"#, 502, "no", "null"),
            (#"{"errors":["no"],"choices":[]}"#, 502, "no", "null"),
            (#"{"error":null,"message":"no"}"#, 502, "no", "null"),
            (#"{"code":500,"error":["no"]}"#, 500, "no", "\"500\""), (#"{"id":1,"error":"no"}"#, 502, "no", "null"),
            (#"{"timestamp":1,"status":503,"error":"no","path":"/"}"#, 503, "no", "null"),
        ] as [(String, Int, String, String)])
    func wraps(body: String, status: Int, message: String, code: String) async throws {
        let expected = #"{"error":{"message":"\#(message)","type":"upstream_error","param":null,"code":\#(code)}}"#
        for pieces in [[body], body.map { String($0) }] {
            let answer = try await answer(pieces)
            #expect(answer == (status, expected, false))
        }
    }

    private nonisolated static let summary = "The server 'a' reported an error in its answer."

    @Test(
        "An error that SDKs can read passes byte for byte, wherever it is in the object",
        arguments: [
            #"{"id":null,"error":{"message":"no"}}"#, #"{"object":null,"choices":null,"error":{"message":"no"}}"#,
            #"{"code":"x","error":{"message":"no"}}"#,
        ])
    func passesReadable(body: String) async throws {
        for pieces in [[body], body.map { String($0) }] {
            let answer = try await answer(pieces)
            #expect(answer == (502, body, false))
        }
    }

    @Test(
        "Any other JSON response passes unchanged",
        arguments: [
            #"{"error":null,"id":1}"#, #"{"error": false}"#, #"{"error":""}"#, #"{"error":{ }}"#, #"{"error":[]}"#,
            #"{"error":0}"#, #"["error"]"#, "{}", "[]", "[[0.1]]", "[{}]",
            #"[{"id":"m"}]"#, #"{"object":"list","data":[]}"#, #"{"object":"errors"}"#, #"{"type":"message"}"#,
            #"{"errors":[],"id":1}"#, #"{"errors":null}"#, #"{"errors":["w"],"choices":[{}]}"#,
            #"{"errors":[{}],"data":[{"embedding":[1]}]}"#, #"{"error_code":0,"error_msg":"","result":"r"}"#,
            #"{"error_msg":"success","result":"r"}"#, "\u{FEFF}{}", #"{"deleted":true}"#, #"{"errors":{}}"#,
            // From all endpoints, and from OpenAI-compatible servers.
            #"{"id":"m","object":"model","created":1,"owned_by":"o","error":null}"#,
            #"{"id":"m","object":"model","description":"no <html>","errors":["w"],"error":{"message":"w"}}"#,
            #"{"owned_by":"o","id":"m","object":"model","message":"old"}"#,
            #"{"name":"m","description":"It is large."}"#,
            #"{"id":"r","object":"response","status":"failed","error":{"message":"m"},"output":[]}"#,
            #"{"error":null,"id":"r","object":"response","output":[{"type":"message"}]}"#,
            #"{"error":null,"message":"","choices":[{"message":{"content":"Hi"}}]}"#,
            #"{"message":"ok","code":0,"data":[{"embedding":[1]}]}"#,
            #"{"status":"ok","message":"ok","result":{"a":1}}"#,
            #"{"model":"m","message":{"content":"Hi"},"done":true}"#, #"{"response":"Hi","done":true}"#,
            #"{"message":"ok","models":[{"name":"m"}]}"#, #"{"detail":"d","embeddings":[[1]]}"#,
            #"{"results":[{"flagged":false}],"message":"m"}"#, #"{"id":"m","results":[{"error":"no"}]}"#,
            #"{"choices":[{"message":{"content":"an \"error\": no"}}],"detail":"d"}"#,
            #"{"message":{"role":"assistant","content":"Hi"}}"#, #"[{"id":"m","description":"d","message":"m"}]"#,
        ])
    func passesAnswers(body: String) async throws {
        for pieces in [[body], body.map { String($0) }] {
            let answer = try await answer(pieces)
            #expect(answer == (200, body, true))
        }
    }

    @Test(
        "JSON is read whatever its Content-Type says",
        arguments: [nil, "text/plain", "text/json", "application/octet-stream"])
    func readsUnlabelled(type: String?) async throws {
        var fields: HTTPFields = [.retryAfter: "7"]
        fields[.contentType] = type
        let body = #"{"error":{"message":"no","code":429}}"#
        for pieces in [[body], body.map { String($0) }] {
            #expect(try await answer(pieces, fields: fields) == (429, body, false))
        }
        #expect(try await answer([#"{"id":1}"#], fields: fields) == (200, #"{"id":1}"#, true))
    }

    @Test("Images, audio and what a reverse proxy carries are not examined")
    func looksAtNothingElse() async throws {
        let body = #"{"error":"no"}"#
        #expect(try await answer([body], fields: [.contentType: "audio/mpeg"]) == (200, body, true))
        #expect(try await answer([body]) { $0.isReverseProxy = true } == (200, body, true))
    }

    @Test("An error too long to be held is reported with its message")
    func wrapsLong() async throws {
        let answer = try await answer([
            #"{"error":{"message":"no"},"x":""# + String(repeating: "x", count: 300_000) + "\"}"
        ])
        #expect(answer.status == 502 && answer.body.hasPrefix(#"{"error":{"message":"no","type":"upstream_error""#))
    }

    @Test(
        "A stream that wasn't asked for is an error: the one it begins with, if it does",
        arguments: [
            ("data: {\"error\":{\"message\":\"no\",\"code\":429}}\n\n", 429),
            (": hi\n\ndata: {\"error\":\"no\"}\n\n", 502),
            ("error: {\"message\":\"no\"}\n\n", 502), ("event: error\ndata: {\"message\":\"no\"}\n\n", 502),
            ("data: {\"detail\":\"no\"}\n\n", 502), ("data: {\"error\":\"no\"}", 502),
            ("event: error\ndata: no\n\n", 502),
        ])
    func refusesUnaskedErrors(body: String, status: Int) async throws {
        for type in ["text/event-stream", "text/plain"] {
            let fields: HTTPFields = [.contentType: type, .retryAfter: "7"]
            for pieces in [[body], body.map { String($0) }] {
                let answer = try await answer(pieces, fields: fields)
                #expect(answer.status == status && answer.body.hasPrefix(#"{"error":{"message":"no","#))
            }
        }
    }

    @Test(
        "Otherwise the error says that the stream wasn't asked for",
        arguments: [
            "data: {\"choices\":[{}]}\n\n", "data: [DONE]\n\n", "data: Hi\n\n", ": hi\n\n", "data: {\"type\":\"x\"}",
        ])
    func refusesUnasked(body: String) async throws {
        for pieces in [[body], body.map { String($0) }] {
            await #expect(throws: ProxyError.upstreamSentNoAnswer(server: "a", status: 200, .events)) {
                try await answer(pieces, fields: [.contentType: "text/event-stream"])
            }
        }
    }

    @Test("JSON or a web page that is labeled as a stream is recognized if it has arrived already")
    func refusesMisnamed() async throws {
        func answer(_ body: String) async throws -> ProxyResponse {
            let pipe = BodyPipe()
            pipe.write(Array(body.utf8))
            pipe.finish(nil)
            let response = TransportResponse(status: .ok, fields: [.contentType: "text/event-stream"], body: pipe)
            return try await Relay.answer(
                response, for: Samples.route(), meter: Samples.meter(), asksForStream: true)
        }
        for body in [#"{"error":{"message":"no","code":429}}"#, #"[{"error":{"message":"no","code":429}}]"#] {
            guard case .whole(let prelude, let error) = try await answer(body) else {
                Issue.record("it is an error")
                continue
            }
            #expect(prelude.status.code == 429 && String(decoding: error, as: UTF8.self).contains(#""message":"no""#))
        }
        await #expect(throws: ProxyError.upstreamSentNoAnswer(server: "a", status: 200, .page)) {
            _ = try await answer("\n<html>")
        }
        guard case .stream(_, let pipe) = try await answer(#"{"choices":[{}]}"#) else {
            Issue.record("it is no error")
            return
        }
        #expect(String(decoding: pipe.readAll(), as: UTF8.self).contains(#"data: {"error":"#), "it is no stream")
    }

    @Test("A JSON response that breaks off before anything was passed on is an error")
    func reportsEarlyBreak() async {
        let error = TransportError(.reset, "gone")
        for pieces in [[], [" "], ["{"], [#"{"id":1,"#], [#"{"error""#], [#"{"error":{"#, #""message":"m"}"#]] {
            await #expect(throws: ProxyError.upstreamFailed(server: "a", error)) {
                try await answer(pieces, error: error)
            }
        }
    }

    @Test("A later break cuts the response off")
    func cutsOff() async throws {
        let beginning = #"{"id":"# + String(repeating: " ", count: 5000)
        #expect(try await answer([beginning], error: TransportError(.reset, "gone")) == (200, beginning, true))
    }

    @Test("The head of a requested stream doesn't wait for the first event")
    func doesNotWait() async throws {
        let response = TransportResponse(
            status: .ok, fields: [.contentType: "text/event-stream"], body: BodyPipe())
        guard
            case .stream = try await Relay.answer(
                response, for: Samples.route(), meter: Samples.meter(), asksForStream: true)
        else {
            Issue.record("it passes as it comes")
            return
        }
    }
}
