import FoundationEssentials
import Testing

@testable import FunctionURL

@Suite struct EventV2Tests {
    private static let time = 1_583_348_638_390

    private static let arrival = Arrival(
        requestID: "id", traceID: "Root=1-x", epochMilliseconds: time, region: "eu-west-1")

    private func event(_ request: CallerRequest) -> EventV2 {
        FunctionURLDoor().event(request, Self.arrival)
    }

    @Test func `A request becomes an event of payload format 2.0`() {
        let request = CallerRequest(
            method: "POST", target: "/my/path?a=1&a=2",
            headers: [HeaderField("Content-Type", "application/json"), HeaderField("User-Agent", "agent")],
            body: Array(#"{"x":1}"#.utf8), sourceIP: "127.0.0.1", port: 9000)
        let context = EventV2.RequestContext(
            accountId: "anonymous", apiId: "local", domainName: "local.lambda-url.eu-west-1.on.aws",
            domainPrefix: "local",
            http: EventV2.HTTP(
                method: "POST", path: "/my/path", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "agent"),
            requestId: "id", time: "04/Mar/2020:19:03:58 +0000", timeEpoch: Self.time)
        let expected = EventV2(
            rawPath: "/my/path", rawQueryString: "a=1&a=2", cookies: nil,
            headers: [
                "content-type": "application/json", "user-agent": "agent", "content-length": "7",
                "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "x-forwarded-port": "9000",
                "x-amzn-trace-id": "Root=1-x",
            ],
            queryStringParameters: ["a": "1,2"], requestContext: context, body: #"{"x":1}"#, isBase64Encoded: false)
        #expect(self.event(request) == expected)
    }

    @Test func `An event has no members for missing parts of its request`() throws {
        let json = String(
            decoding: try self.event(CallerRequest(method: "GET", target: "/")).encodedEvent(), as: UTF8.self)
        for absent in ["\"body\"", "\"cookies\"", "\"queryStringParameters\""] {
            #expect(!json.contains(absent))
        }
        #expect(json.contains(#""isBase64Encoded":false"#))
        #expect(json.contains(#""rawPath":"/""#))
    }

    @Test func `An HTTP API's event differs in its domain, its account and its authorizer`() throws {
        let request = CallerRequest(method: "GET", target: "/v1/models?a=1", headers: [HeaderField("Cookie", "a=1")])
        var expected = self.event(request)
        expected.requestContext.accountId = "000000000000"
        expected.requestContext.domainName = "local.execute-api.eu-west-1.amazonaws.com"
        #expect(HTTPAPIDoor().event(request, Self.arrival) == expected)
        expected.requestContext.authorizer = ["jwt": ["claims": ["sub": "u"], "scopes": nil]]
        #expect(HTTPAPIDoor(claims: ["sub": "u"]).event(request, Self.arrival) == expected)
    }

    @Test(arguments: [
        ("/a%20b/%C3%A9+?q=%20", "/a b/é+", "q=%20"), ("/a%3Fb%2Fc", "/a", ""), ("/a%2Fb", "/a/b", ""),
        ("/%", "/%", ""),
    ])
    func `An HTTP API decodes the path, but not the query`(target: String, path: String, query: String) {
        let event = HTTPAPIDoor().event(CallerRequest(method: "GET", target: target), Self.arrival)
        #expect(event.rawPath == path)
        #expect(event.requestContext.http.path == path)
        #expect(event.rawQueryString == query)
    }

    @Test func `Repeated headers are joined by commas under a lower-case name`() {
        let fields = [HeaderField("X-A", "1"), HeaderField("x-a", "2"), HeaderField("Accept", "*/*")]
        let headers = self.event(CallerRequest(method: "GET", target: "/", headers: fields)).headers
        #expect(headers["x-a"] == "1,2")
        #expect(headers["accept"] == "*/*")
    }

    @Test func `Cookies move from the headers to their own list`() {
        let fields = [HeaderField("Cookie", "a=1; b=2"), HeaderField("cookie", "c=3")]
        let event = self.event(CallerRequest(method: "GET", target: "/", headers: fields))
        #expect(event.cookies == ["a=1", "b=2", "c=3"])
        #expect(event.headers["cookie"] == nil)
    }

    @Test func `Headers of the connection don't reach the function`() {
        let fields = [
            HeaderField("Connection", "keep-alive, X-Hop"), HeaderField("X-Hop", "1"), HeaderField("TE", "trailers"),
            HeaderField("Transfer-Encoding", "chunked"), HeaderField("Expect", "100-continue"),
        ]
        let headers = self.event(CallerRequest(method: "GET", target: "/", headers: fields)).headers
        #expect(headers.keys.allSatisfy { $0.hasPrefix("x-forwarded-") || $0 == "x-amzn-trace-id" })
    }

    @Test func `A caller can't say where it calls from`() {
        let fields = ["X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Port"].map { HeaderField($0, "forged") }
        let headers = self.event(CallerRequest(method: "GET", target: "/", headers: fields)).headers
        #expect(!headers.values.contains { $0.contains("forged") })
    }

    @Test(arguments: [
        ("/a%2Fb/%20?q=%20", "/a%2Fb/%20", "q=%20"),
        ("/a?", "/a", ""),
        ("/a?b?c", "/a", "b?c"),
        ("/?x=http://y/z", "/", "x=http://y/z"),
        ("http://host:9000/p?q=1", "/p", "q=1"),
        ("http://host", "/", ""),
        ("http://host?q", "/", "q"),
        ("*", "*", ""),
    ])
    func `The path and the query aren't changed`(target: String, path: String, query: String) {
        let request = CallerRequest(method: "GET", target: target)
        #expect(request.rawPath == path)
        #expect(request.rawQueryString == query)
    }
}
