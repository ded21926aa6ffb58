import Testing

@testable import FunctionURL

@Suite struct BufferedResponseTests {
    @Test(arguments: [
        (#"{"statusCode":200,"body":"hi"}"#, 200, "application/json", "hi"),
        (#"{"statusCode":404,"headers":{"Content-Type":"text/html"},"body":"<p>"}"#, 404, "text/html", "<p>"),
        (#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, 200, "application/json", "hi"),
        (#"{"statusCode":204}"#, 204, "application/json", ""),
        (#"{"message":"x"}"#, 200, "application/json", #"{"message":"x"}"#),
        (#""text""#, 200, "application/json", #""text""#),
        ("[1,2]", 200, "application/json", "[1,2]"),
        ("null", 200, "application/json", "null"),
    ])
    func `A buffered response is read as function URLs read it`(
        document: String, status: Int, type: String, body: String
    ) throws {
        let answer = try FunctionURLDoor().response(Array(document.utf8), accept: nil)
        #expect(answer.head.status == status)
        #expect(answer.head.headers.first("content-type") == type)
        #expect(answer.body == Array(body.utf8))
    }

    @Test(arguments: ["", "not json", #"{"statusCode":200,"body":"%%%","isBase64Encoded":true}"#, #"{"statusCode":1}"#])
    func `An unreadable response is refused`(document: String) {
        #expect(throws: Failure.self) { try FunctionURLDoor().response(Array(document.utf8), accept: nil) }
    }
}
