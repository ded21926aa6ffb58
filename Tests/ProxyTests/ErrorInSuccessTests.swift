import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// On one actor, as in the program: whoever writes takes turns with whoever waits.
@MainActor @Suite struct ErrorInSuccessTests {
    private static let json: HTTPFields = [.contentType: "application/json; charset=utf-8", .retryAfter: "7"]

    /// Answers a body that comes in these pieces, each when it is waited for.
    private func answer(
        _ pieces: [String], fields: HTTPFields = json, error: TransportError? = nil,
        _ change: (inout Server) -> Void = { _ in }
    ) async throws -> (status: Int, body: String, isStream: Bool) {
        let pipe = BodyPipe()
        let response = TransportResponse(status: .ok, fields: fields, body: pipe)
        let route = Samples.route(.json(model: "m"), change)
        let task = Task { try await Relay.answer(response, for: route, meter: Samples.meter()) }
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

    /// Gives others their turn, until somebody waits or nobody will.
    private func isWaiting(_ pipe: BodyPipe) async {
        for _ in 0..<50 where pipe.onReadable == nil { await Task.yield() }
    }

    @Test(
        "An error with a status of success gets one of its own, and stays byte for byte if the SDKs read it",
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
        "An error in another shape is wrapped",
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
            (#"{"error":{"code":"c"}}"#, 502, "The server 'a' reported an error in its answer.", "\"c\""),
        ])
    func wraps(body: String, status: Int, message: String, code: String) async throws {
        let expected = #"{"error":{"message":"\#(message)","type":"upstream_error","param":null,"code":\#(code)}}"#
        for pieces in [[body], body.map { String($0) }] {
            let answer = try await answer(pieces)
            #expect(answer == (status, expected, false))
        }
    }

    @Test(
        "Whatever else a JSON answer begins with passes as it is",
        arguments: [
            #"{"error":null,"id":1}"#, #"{"error": false}"#, #"{"error":""}"#, #"{"error":{ }}"#, #"{"error":[]}"#,
            #"{"error":0}"#, #"{"id":1,"error":{"message":"m"}}"#, #"["error"]"#, "{}", "[]", "[[0.1]]", "[{}]",
            #"[{"id":"m"}]"#, #"{"object":"list","data":[]}"#, #"{"object":"errors"}"#, #"{"type":"message"}"#,
            #"{"errors":[],"id":1}"#, #"{"errors":null}"#, #"{"errors":["w"],"choices":[{}]}"#,
            #"{"errors":[{}],"data":[{"embedding":[1]}]}"#, #"{"error_code":0,"error_msg":"","result":"r"}"#,
            #"{"error_msg":"success","result":"r"}"#, String(repeating: " ", count: 5000) + #"{"error":1}"#,
            "\u{FEFF}{}",
        ])
    func passesAnswers(body: String) async throws {
        for pieces in body.count > 100 ? [[body]] : [[body], body.map { String($0) }] {
            let answer = try await answer(pieces)
            #expect(answer == (200, body, true))
        }
    }

    @Test(
        "JSON is read whatever its type says", arguments: [nil, "text/plain", "text/json", "application/octet-stream"])
    func readsUnlabelled(type: String?) async throws {
        var fields: HTTPFields = [.retryAfter: "7"]
        fields[.contentType] = type
        let body = #"{"error":{"message":"no","code":429}}"#
        for pieces in [[body], body.map { String($0) }] {
            #expect(try await answer(pieces, fields: fields) == (429, body, false))
        }
        #expect(try await answer([#"{"id":1}"#], fields: fields) == (200, #"{"id":1}"#, true))
    }

    @Test("What is sound or pictures, and what a reverse proxy carries, is not looked at")
    func looksAtNothingElse() async throws {
        let body = #"{"error":"no"}"#
        #expect(try await answer([body], fields: [.contentType: "audio/mpeg"]) == (200, body, true))
        #expect(try await answer([body]) { $0.isReverseProxy = true } == (200, body, true))
    }

    @Test("An error too long to be one is told without its words")
    func wrapsLong() async throws {
        let answer = try await answer([#"{"error":{"message":""# + String(repeating: "x", count: 300_000) + "\"}}"])
        #expect(answer.status == 502 && answer.body.contains("The server 'a' reported an error in its answer."))
    }

    @Test("A JSON answer that breaks off before anything was passed on is an error, not half a success")
    func reportsEarlyBreak() async {
        let error = TransportError(.reset, "gone")
        for pieces in [[], [" "], ["{"], [#"{"id":1,"#], [#"{"error""#], [#"{"error":{"#, #""message":"m"}"#]] {
            await #expect(throws: ProxyError.upstreamFailed(server: "a", error)) {
                try await answer(pieces, error: error)
            }
        }
    }

    @Test("A later break cuts the answer off")
    func cutsOff() async throws {
        let beginning = #"{"id":"# + String(repeating: " ", count: 5000)
        #expect(try await answer([beginning], error: TransportError(.reset, "gone")) == (200, beginning, true))
    }

    @Test("The head of an event stream that was asked for doesn't wait for its first event")
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
