import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// An upstream's own error passes, or is put into OpenAI's format.
@Suite struct UpstreamErrorBodyTests {
    @Test(
        "An error whose message OpenAI's clients find passes byte for byte, with its status",
        arguments: [
            #"{"error": {"message":"no","code":"x"}}"#, #"{"object":"error","error":{"message":"no"}}  "#,
            #"{"detail":"d","error":{"code":1,"message":"n\u006f","more":NaN},"id":[1.0]}"#,
        ])
    func passesErrors(body: String) async throws {
        let answer = try await Relay.answer(429, [.contentType: "application/json", .retryAfter: "7"], body)
        guard case .whole(let prelude, let bytes) = answer else {
            Issue.record("an error is read as a whole")
            return
        }
        #expect(prelude.status.code == 429)
        #expect(prelude.fields[.retryAfter] == "7")
        #expect(bytes == Array(body.utf8))
    }

    @Test("A byte order mark before such an error is removed, since the SDKs' parsers fail on it")
    func dropsMark() async throws {
        #expect(
            try await Relay.answer(400, [:], "\u{FEFF}" + #"{"error":{"message":"m"}}"#).text()
                == #"{"error":{"message":"m"}}"#)
    }

    @Test("Any other error is wrapped, with its status and, if it has one, its message", arguments: wrapped)
    func wrapsErrors(body: String, expected: [String?]) async throws {
        let answer = try await Relay.answer(502, [.contentType: "text/html"], body)
        guard case .whole(let prelude, let bytes) = answer else {
            Issue.record("an error is read as a whole")
            return
        }
        #expect(prelude.status.code == 502)
        #expect(prelude.fields[.contentType] == "application/json")
        let error = EventReader(Array("data: ".utf8) + bytes + Array("\n\n".utf8)).errors.first ?? [:]
        let message = "The server 'a' answered 502" + (expected[0].map { ": \($0)" } ?? ".")
        #expect([error["message"], error["type"], error["param"], error["code"]] == [message] + expected.dropFirst())
    }

    private static let wrapped: [(String, [String?])] = said + saidByOthers + pages + unsaid

    /// The body, and the expected text, type, param and code.
    private static let said: [(String, [String?])] = [
        (#"{"detail":"Not enough memory"}"#, words("Not enough memory")),
        (#"{"detail":[{"loc":["body"]}]}"#, words(#"[{"loc":["body"]}]"#)),
        (#"{"message":"m"}"#, words("m")), (#"{"Message":"m"}"#, words("m")), (#"{"msg":"m"}"#, words("m")),
        (#"{"error_message":"m"}"#, words("m")), (#"{"errorMessage":"m","errorType":"T"}"#, ["m", "T", nil, nil]),
        (#"{"error":"no such model","type":"t"}"#, ["no such model", "t", nil, nil]),
        (#"{"error":"invalid_request","error_description":"Too old."}"#, words("invalid_request: Too old.")),
        (#"{"error":"Not Found","message":"No model.","statusCode":404}"#, words("Not Found: No model.")),
        (#"{"error":"m","message":"m"}"#, words("m")), (#"{"err":"m"}"#, words("m")),
        (#"{"error":null,"message":"m"}"#, words("m")), (#"{"error":{},"message":"m"}"#, words("m")),
        (#"{"error":{"message":"","detail":"d"}}"#, words("d")), (#"{"error":["a","b"]}"#, words("a; b")),
        (#"{"error":{"error":{"message":"m","type":"t","code":5}}}"#, ["m", "t", nil, "5"]),
        (#"{"error":{"metadata":{"raw":1},"detail":"d"}}"#, words("d")),
        (#"{"error":{"metadata":{"raw":1}}}"#, words(#"{"metadata":{"raw":1}}"#)),
        (#"{"error":{"code":5,"type":"t","param":"p"}}"#, [nil, "t", "p", "5"]),
        (#"{"code":"c","message":"m","param":"p"}"#, ["m", "upstream_error", "p", "c"]),
        (#"{"object":"error","message":"m","type":"T","code":400}"#, ["m", "T", nil, "400"]),
        (#"{"type":"error","code":"c","message":"m"}"#, ["m", "upstream_error", nil, "c"]),
        (#"{"success":false,"why":"m"}"#, words(#"{"success":false,"why":"m"}"#)),
        ("42", words("42")), ("-1.5", words("-1.5")), (#"{"text":"m"}"#, words(#"{"text":"m"}"#)),
        (#""text""#, words("text")), (#" "a\nb\u0007" "#, words("a b")), ("[1]", words("[1]")),
    ]

    private static let saidByOthers: [(String, [String?])] = [
        (
            #"[{"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"}]}}]"#,
            ["Quota.", "RESOURCE_EXHAUSTED", nil, "429"]
        ),
        (#"{"errors":[{"message":"a","code":"c"},{"message":"b"}]}"#, ["a; b", "upstream_error", nil, "c"]),
        (#"{"errors":["a","b"]}"#, words("a; b")), (#"{"errors":{"field":["a"]}}"#, words(#"{"field":["a"]}"#)),
        (
            #"{"errors":[{"code":7000,"message":"m"}],"success":false,"result":null}"#,
            ["m", "upstream_error", nil, "7000"]
        ),
        (
            #"{"detail":[{"type":"missing","loc":["body","messages",0],"msg":"Field required"}]}"#,
            ["messages.0: Field required", "missing", "messages.0", nil]
        ),
        (
            #"{"type":"about:blank","title":"No credit.","detail":"You have 0.","status":403}"#,
            words("No credit. You have 0.")
        ),
        (#"{"fault":{"faultstring":"m","detail":{"errorcode":"c"}}}"#, ["m", "upstream_error", nil, "c"]),
        (#"{"error_code":17,"error_msg":"m"}"#, ["m", "upstream_error", nil, "17"]),
        (#"{"base_resp":{"status_code":1004,"status_msg":"m"}}"#, ["m", "upstream_error", nil, "1004"]),
        (#"{"__type":"ThrottlingException","message":"m"}"#, ["m", "ThrottlingException", nil, nil]),
        (#"{"response":{"statusCode":400,"message":["a","b"]}}"#, words("a; b")),
        ("data: {\"error\":{\"message\":\"m\",\"code\":5}}\n\n", ["m", "upstream_error", nil, "5"]),
        (": hi\r\n\r\nevent: ping\r\ndata: {}\r\n\r\nevent: error\r\ndata: {\"message\":\"m\"}\r\n\r\n", words("m")),
        ("event: error\rdata: text\r\rdata: [DONE]\r\r", words("text")), ("data: {\"detail\":\"d\"}", words("d")),
        ("error: {\"code\":500,\"message\":\"m\"}\n\ndata: [DONE]\n\n", ["m", "upstream_error", nil, "500"]),
        ("id: must not be empty", words("id: must not be empty")), (": the words", words(": the words")),
        ("retry: the words\n\nmore", words("retry: the words more")), ("event: a\nb", words("event: a b")),
        (chunk + "error: {\"message\":\"m\"}\n\n", words("m")), (chunk + "data: {\"detail\":\"m\"}\n\n", words("m")),
        (chunk + "data: {\"id\":\"x\",\"message\":\"m\"}\n\ndata: [DONE]\n\n", words("m")),
        ("data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\ndata: m\n\n", words("m")),
        ("ERROR: {\"message\":\"m\"}\n\n", words("m")), ("data: {}\n\ndata: {\"detail\":\"m\"}\n\n", words("m")),
        ("{\"status\":\"busy\"}\n{\"error\":\"m\"}\n", words("m")),
        ("{\"error\":{\"message\":\"m\",\"code\":5}}\n{}", ["m", "upstream_error", nil, "5"]),
        (#"{"error":{"message":"m","code":5,"par"#, ["m", "upstream_error", nil, "5"]),
        (#"{"error":{"message":"cu"#, words(#"{"error":{"message":"cu"#)),
        (#"{"error":1"#, [#"{"error":1"#, "upstream_error", nil, "1"]),
        ("  No\u{1B}[1m such\r\n\tmodel\u{7F} ", words("No [1m such model")), ("Modèle 日本", words("Modèle 日本")),
        ("\u{FEFF}text", words("text")), ("a < b", words("a < b")),
        (#"{"detail":"<|im_start|> is reserved"}"#, words("<|im_start|> is reserved")),
        ("true story", words("true story")),
        (String(repeating: "é", count: 5000), words(String(repeating: "é", count: 2000))),
        (#"{"error":"\#(String(repeating: "é", count: 5000))"}"#, words(String(repeating: "é", count: 2000))),
    ]

    /// A web page after other text is left out, and so is one in JSON.
    private static let pages: [(String, [String?])] = [
        ("upstream error: <!DOCTYPE html><html>", "upstream error:"), ("a <HTML lang='en'>", "a"), ("a\n<?xml?>", "a"),
        ("a <body>", "a"), ("a<head>", "a"), ("a <headers> b", "a <headers> b"), ("a <p> b", "a <p> b"),
        (#"{"message":"upstream error","detail":"<html>x</html>"}"#, "upstream error"),
        (#"{"message":"Error: 413 <html><body>x"}"#, "Error: 413"), (#"{"error":{"message":"no <html>x"}}"#, "no"),
        (#"{"error":{"message":"no","detail":"<html>x"}}"#, "no"), (#"{"error":{"message":"\u003chtml>x"}}"#, nil),
        (#"{"error":{"message":"<!doctype html>"}}"#, nil), (#"{"error":" \n<html>x"}"#, nil),
        (#"{"error":{"message":"\u007f\u0085<p>x"}}"#, nil), ("\u{7F}\u{85} <p>x", nil),
        (#"{"errors":["<html>x"]}"#, nil), (#"{"errors":["no","<html>x"]}"#, "no"), (#"{"why":"<html>x"}"#, nil),
        ("data: no <html>\n\n", "no"), ("error: {\"message\":\"<html>\"}\n\n", nil), (chunk, nil),
    ].map { ($0.0, words($0.1)) }

    /// A part of an answer before the error.
    private static let chunk =
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"

    /// Bodies without a message.
    private static let unsaid: [(String, [String?])] = [
        "", " \n", "null", "{}", "[]", "0", "\"\"", #"{"error":{}}"#, #"{"error":null}"#, #"{"error":false,"x":null}"#,
        #"{"detail":"<html>502</html>"}"#, #""\n<!doctype html>""#, "data: <?xml?>\n\n",
        "<html>502</html>", "\u{FEFF}\r\n <!DOCTYPE html>", "<?xml version='1.0'?><Error/>", "<!-- x -->",
        "<Error>x</Error>",
        "\u{0}\u{1}\u{2}PNG\u{3}\u{4}",
    ].map { ($0, words(nil)) }

    private static func words(_ text: String?) -> [String?] { [text, "upstream_error", nil, nil] }

    @Test("Bytes that aren't text are left out of an error")
    func leavesOutBinary() async throws {
        for body: [UInt8] in [[0x1F, 0x8B, 8, 0, 0, 0], [0xFF, 0xFE, 0x41, 0], (0...255).map { $0 }] {
            let pipe = BodyPipe()
            pipe.write(body)
            pipe.finish(nil)
            let response = TransportResponse(status: .badGateway, fields: [:], body: pipe)
            let answer = try await Relay.answer(response, for: Samples.route(), meter: Samples.meter())
            #expect(answer.text().contains(#""The server 'a' answered 502.""#))
        }
    }

    @Test("Deeply nested errors and very long lists cost no more than reading them")
    func boundsNesting() async throws {
        let deep = String(repeating: #"{"error":"#, count: 400) + "1" + String(repeating: "}", count: 400)
        #expect(try await Relay.answer(500, [:], deep).text().count < 8000)
        let list = "[" + Array(repeating: #"{"message":"m"}"#, count: 10_000).joined(separator: ",") + "]"
        #expect(try await Relay.answer(500, [:], list).text().contains("m; m; m"))
    }

    @Test(
        "An error too long to be held is reported with the message at its beginning",
        arguments: [
            (
                #"{"error":{"message":"the words","type":"t","param":"p","code":"c"},"echo":""#,
                ["the words", "t", "p", "c"]
            ),
            (
                #"{"detail":[{"type":"missing","loc":["body","model"],"msg":"the words","input":{"x":""#,
                ["model: the words", "missing", "model", nil]
            ),
            ("{\"error\":{\"message\":\"the words\"}}\n\n\n\n", words("the words")),
            ("the words\0\0\0", nil),
        ] as [(String, [String?]?)])
    func wrapsLongErrors(start: String, expected: [String?]?) async throws {
        let blank = start.hasSuffix("\n")
        let body = start + String(repeating: blank ? " " : "x", count: 300_000) + "\"}}]}"
        let wrapped = try await Relay.answer(500, [.contentType: "application/json"], body).text()
        let error = EventReader(Array("data: \(wrapped)\n\n".utf8)).errors.first ?? [:]
        let words = [error["message"], error["type"], error["param"], error["code"]]
        if let expected {
            #expect(words == ["The server 'a' answered 500: " + (expected[0] ?? "")] + expected.dropFirst())
        } else {
            #expect(words[0]?.contains("the words xxx") == true && wrapped.utf8.count < 3000)
        }
    }

    @Test("An encoded error keeps its status, so that it can be retried")
    func keepsStatusOfEncodedErrors() async throws {
        let answer = try await Relay.answer(503, [.contentEncoding: "gzip", .retryAfter: "3"], "\u{1F}\u{8B}")
        guard case .whole(let prelude, let body) = answer else {
            Issue.record("an error is read as a whole")
            return
        }
        #expect(prelude.status.code == 503 && prelude.fields[.retryAfter] == "3")
        #expect(String(decoding: body, as: UTF8.self).contains("The server 'a' answered 503."))
    }
}
