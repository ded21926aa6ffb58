import Testing

@testable import FunctionURL

private let streamed = RESTDoor(streams: true)
private let collected = RESTDoor(streams: false)
private let nuls = String(repeating: "\0", count: 8)
private let error = #"{"message": "Internal server error"}"#
private let httpError = #"{"message":"Internal Server Error"}"#
private let busy = #"{"message":"Service Unavailable"}"#

@Suite struct DoorAnswerTests {
    /// The actions of a response that arrives in one piece.
    private func answer(
        _ door: any Door, _ format: ResponseAssembly.Format, _ text: String, accept: String? = nil
    ) throws -> [ResponseAssembly.Action] {
        var assembly = ResponseAssembly(format, requestMethod: "GET", accept: accept, door: door)
        return try assembly.receive(Array(text.utf8)) + assembly.finish()
    }

    private func buffered(_ door: any Door, _ text: String, accept: String? = nil) throws -> BufferedResponse {
        try door.response(Array(text.utf8), accept: accept)
    }

    // MARK: REST APIs that stream

    @Test(arguments: [ResponseAssembly.Format.integration, .raw, .buffered])
    func `A REST API reads the prelude of every stream, and prefers lists of header values`(
        format: ResponseAssembly.Format
    ) throws {
        let prelude =
            #"{"statusCode":201,"headers":{"a":"1","B":"2"},"multiValueHeaders":{"b":["3","4"]},"cookies":["c=5"]}"#
        let fields = [("a", "1"), ("b", "3"), ("b", "4"), ("set-cookie", "c=5")].map { HeaderField($0.0, $0.1) }
        let actions = try self.answer(streamed, format, prelude + nuls + "body")
        #expect(actions == [.head(ResponseHead(status: 201, headers: fields)), .body(Array("body".utf8)), .end])
    }

    @Test(arguments: [
        "text", "{\"statusCode\":200}", #"{"statusCode":200,"body":"x"}"# + nuls, "[]" + nuls,
        #"{"multiValueHeaders":{"a":"1"}}"# + nuls, #"{"statusCode":99}"# + nuls,
        #"{"cookies":["\#(String(repeating: "c", count: 16_384))"]}"# + nuls,
    ])
    func `A REST API refuses a stream that isn't in its format`(text: String) {
        #expect(throws: Failure.self) { try self.answer(streamed, .integration, text) }
    }

    // MARK: Doors that don't stream

    @Test func `A stream through a buffered REST API loses its body`() throws {
        let text = #"{"statusCode":418,"headers":{"a":"1"}}"# + nuls + "body"
        let actions = try self.answer(collected, .integration, text)
        #expect(actions.first == .head(ResponseHead(status: 418, headers: [HeaderField("a", "1")])))
        guard case .warn(let note) = actions.dropFirst().first else {
            Issue.record("no warning in \(actions)")
            return
        }
        #expect(note.contains("PROXY_REST_TRANSFER=buffer"))
        #expect(actions.dropFirst(2) == [.end])
    }

    @Test(arguments: [HTTPAPIDoor(), LoadBalancerDoor()] as [any Door])
    func `A stream through any other buffered door is refused`(door: any Door) {
        #expect(throws: Failure.self) {
            try self.answer(door, .integration, #"{"statusCode":200}"# + nuls + "body")
        }
    }

    @Test func `A buffered answer has a length`() throws {
        var head = ResponseHead(status: 200, headers: [HeaderField("content-type", "application/json")])
        head.length = 1
        let actions = try self.answer(collected, .buffered, #"{"statusCode":200,"body":"x"}"#)
        #expect(actions == [.head(head), .body([UInt8(ascii: "x")]), .end])
    }

    @Test(
        arguments: [
            (collected, #"{"statusCode":200,"body":"x"}"#, 200, ["content-type: application/json"], "x"),
            (
                collected, #"{"statusCode":200,"headers":{"A":"1","b":2},"multiValueHeaders":{"a":["3","4"]}}"#, 200,
                ["b: 2", "a: 3", "a: 4", "content-type: application/json"], ""
            ),
            (
                collected, #"{"statusCode":401,"headers":{"WWW-Authenticate":"Bearer","content-type":"x/y"}}"#, 401,
                ["x-amzn-remapped-www-authenticate: Bearer", "content-type: x/y"], ""
            ),
            (
                collected, #"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, 200,
                ["content-type: application/json"], "aGk="
            ),
            (HTTPAPIDoor(), #"{"a":1}"#, 200, ["content-type: application/json"], #"{"a":1}"#),
            (
                HTTPAPIDoor(), #"{"statusCode":200,"body":"aGk=","isBase64Encoded":true,"cookies":["c=1"]}"#, 200,
                ["set-cookie: c=1", "content-type: text/plain;charset=UTF-8"], "hi"
            ),
            (
                LoadBalancerDoor(),
                #"{"statusCode":404,"statusDescription":"404 Not Found","headers":{"a":"1"},"body":"x"}"#,
                404, ["a: 1", "content-type: application/octet-stream"], "x"
            ),
            (
                LoadBalancerDoor(hasMultiValueHeaders: true),
                #"{"statusCode":200,"headers":{"z":"1"},"multiValueHeaders":{"content-type":["x/y"],"b":["1","2"]}}"#,
                200, ["b: 1", "b: 2", "content-type: x/y"], ""
            ),
        ] as [(any Door, String, Int, [String], String)])
    func `Each door reads a buffered response in its own way`(
        door: any Door, document: String, status: Int, fields: [String], body: String
    ) throws {
        let answer = try self.buffered(door, document)
        #expect(answer.head.status == status)
        #expect(answer.head.headers.map { "\($0.name): \($0.value)" } == fields)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }

    @Test(
        arguments: [
            (["*/*"], nil, true), (["image/png"], "image/png", true), (["image/png"], "image/png;q=1, */*", true),
            (["image/png"], "text/html, image/png", false), (["image/png"], nil, false), ([], "image/png", false),
        ] as [([String], String?, Bool)])
    func `A REST API decodes base64 if the first accepted type is binary`(
        types: [String], accept: String?, isDecoded: Bool
    ) throws {
        var door = collected
        door.binaryMediaTypes = types
        let answer = try self.buffered(
            door, #"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, accept: accept)
        #expect(answer.body == Array((isDecoded ? "hi" : "aGk=").utf8))
    }

    @Test(
        arguments: [collected, HTTPAPIDoor(), LoadBalancerDoor()] as [any Door],
        [
            "", "not json", #"{"statusCode":"200"}"#, #"{"statusCode":200,"body":{}}"#, #"{"statusCode":99}"#,
            #"{"statusCode":200,"headers":{"a":["1"]}}"#, #"{"statusCode":200,"headers":{"a":"1\n"}}"#,
        ])
    func `A malformed response is refused`(door: any Door, document: String) {
        #expect(throws: Failure.self) { try self.buffered(door, document) }
    }

    @Test(
        arguments: [collected, LoadBalancerDoor()] as [any Door], ["{}", "null", "[1]", #""text""#, #"{"body":"x"}"#])
    func `REST APIs and load balancers need a status code`(door: any Door, document: String) {
        #expect(throws: Failure.self) { try self.buffered(door, document) }
    }

    @Test func `A load balancer's response has at most a megabyte`() throws {
        let empty = #"{"statusCode":200,"body":""}"#
        let filler = String(repeating: "x", count: LoadBalancerDoor.limit - empty.utf8.count)
        let document = #"{"statusCode":200,"body":"\#(filler)"}"#
        #expect(try self.buffered(LoadBalancerDoor(), document).body.count == filler.utf8.count)
        #expect(throws: Failure.responseTooLarge(limit: 1 << 20)) {
            try self.buffered(LoadBalancerDoor(), document + " ")
        }
    }

    // MARK: Failures

    @Test(
        arguments: [
            (streamed, .malformedResponse("x"), 500, error), (streamed, .runtimeDied("x"), 502, error),
            (streamed, .throttled(limit: 1), 500, error), (collected, .throttled(limit: 1), 500, error),
            (collected, .malformedResponse("x"), 502, error), (collected, .timedOut(seconds: 1), 502, error),
            (collected, .requestTooLarge, 413, #"{"message":"Request Too Long"}"#),
            (collected, .doorTimedOut(seconds: 29), 504, #"{"message": "Endpoint request timed out"}"#),
            (HTTPAPIDoor(), .malformedResponse("x"), 500, httpError),
            (HTTPAPIDoor(), .timedOut(seconds: 1), 500, httpError),
            (HTTPAPIDoor(), .throttled(limit: 1), 503, busy), (HTTPAPIDoor(), .doorTimedOut(seconds: 30), 503, busy),
            (HTTPAPIDoor(), .requestTooLarge, 413, #"{"message":"Request Entity Too Large"}"#),
            (streamed, .refused(.unknownKey), 403, #"{"message":"Forbidden"}"#),
            (streamed, .refused(.tooFast), 429, #"{"message":"Too Many Requests"}"#),
            (streamed, .refused(.quotaUsedUp), 429, #"{"message":"Limit Exceeded"}"#),
        ] as [(any Door, Failure, Int, String)])
    func `Each failure has the status and the words that an API gives it`(
        door: any Door, failure: Failure, status: Int, body: String
    ) {
        let answer = door.answer(to: failure)
        #expect(answer.head.status == status)
        #expect(answer.head.headers.first("content-type") == "application/json")
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }

    @Test(arguments: [
        (UsagePlan.Refusal.unknownKey, "ForbiddenException"), (.tooFast, "TooManyRequestsException"),
        (.quotaUsedUp, "LimitExceededException"),
    ])
    func `A refusal of the usage plan names its type, but no time to retry`(refusal: UsagePlan.Refusal, type: String) {
        let head = streamed.answer(to: .refused(refusal)).head
        #expect(head.headers.first("x-amzn-errortype") == type)
        #expect(head.headers.first("retry-after") == nil)
    }

    @Test(arguments: [
        (Failure.requestTooLarge, 413, "413 Request Entity Too Large"), (.throttled(limit: 1), 502, "502 Bad Gateway"),
        (.timedOut(seconds: 1), 502, "502 Bad Gateway"), (.malformedResponse("x"), 502, "502 Bad Gateway"),
    ])
    func `A load balancer answers failures with a page`(failure: Failure, status: Int, title: String) {
        let (head, body) = LoadBalancerDoor().answer(to: failure)
        #expect(head.status == status)
        #expect(head.headers.first("content-type") == "text/html")
        #expect(String(decoding: body, as: UTF8.self).contains("<h1>\(title)</h1>"))
    }
}
