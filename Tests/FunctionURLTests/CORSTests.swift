import Testing

@testable import FunctionURL

@Suite struct CORSTests {
    private static let configuration = CORSConfiguration(
        allowOrigins: ["https://a.example", "http://localhost:5173"], allowMethods: ["GET", "POST"],
        allowHeaders: ["authorization", "content-type"], exposeHeaders: ["x-request-id"], allowCredentials: true,
        maxAge: 600)

    private static func preflight(_ origin: String) -> [HeaderField] {
        [HeaderField("Origin", origin), HeaderField("Access-Control-Request-Method", "POST")]
    }

    @Test func `A preflight from an allowed origin gets the whole configuration`() {
        let answer = Self.configuration.preflightResponse(
            method: "OPTIONS", headers: Self.preflight("https://a.example"))
        let expected = [
            HeaderField("access-control-allow-origin", "https://a.example"),
            HeaderField("vary", "Origin"),
            HeaderField("access-control-allow-credentials", "true"),
            HeaderField("access-control-allow-methods", "GET,POST"),
            HeaderField("access-control-allow-headers", "authorization,content-type"),
            HeaderField("access-control-expose-headers", "x-request-id"),
            HeaderField("access-control-max-age", "600"),
        ]
        #expect(answer == ResponseHead(status: 200, headers: expected))
    }

    @Test(arguments: ["https://evil.example", "https://a.example.evil", "null", "https://a.example:444"])
    func `Another origin gets no CORS header at all`(origin: String) {
        let answer = Self.configuration.preflightResponse(method: "OPTIONS", headers: Self.preflight(origin))
        #expect(answer == ResponseHead(status: 200, headers: []))
        #expect(Self.configuration.responseFields(origin: origin).isEmpty)
    }

    @Test(arguments: [
        ("GET", preflight("https://a.example")),
        ("OPTIONS", [HeaderField("origin", "https://a.example")]),
        ("OPTIONS", [HeaderField("access-control-request-method", "POST")]),
    ])
    func `A request that isn't a preflight goes to the function`(method: String, headers: [HeaderField]) {
        #expect(Self.configuration.preflightResponse(method: method, headers: headers) == nil)
    }

    @Test func `A response names the origin and the headers that a page may read`() {
        #expect(
            Self.configuration.responseFields(origin: "http://localhost:5173") == [
                HeaderField("access-control-allow-origin", "http://localhost:5173"),
                HeaderField("vary", "Origin"),
                HeaderField("access-control-allow-credentials", "true"),
                HeaderField("access-control-expose-headers", "x-request-id"),
            ])
    }

    @Test func `A star allows every origin, and a request without one gets no CORS headers`() {
        let open = CORSConfiguration(allowOrigins: ["*"])
        #expect(
            open.responseFields(origin: "https://b.example").first("access-control-allow-origin") == "https://b.example"
        )
        #expect(open.responseFields(origin: nil).isEmpty)
    }
}
