import Testing

@testable import FunctionURL

@Suite struct ResponseHeadTests {
    @Test func `Cookies become set-cookie, and framing is dropped`() throws {
        let dropped = ["Connection", "content-length", "Transfer-Encoding", "keep-alive", "upgrade"]
        let prelude = Prelude(
            statusCode: 201, headers: dropped.map { HeaderField($0, "x-hop") } + [HeaderField("X-A", "1")],
            cookies: ["a=1; Path=/", "b=2"])
        let head = try ResponseHead(prelude)
        #expect(head.status == 201)
        #expect(
            head.headers == [
                HeaderField("X-A", "1"), HeaderField("set-cookie", "a=1; Path=/"), HeaderField("set-cookie", "b=2"),
            ])
    }

    @Test func `A header that is listed in connection is dropped`() throws {
        let prelude = Prelude(headers: [HeaderField("connection", "close, X-Hop"), HeaderField("x-hop", "1")])
        #expect(try ResponseHead(prelude).headers.isEmpty)
    }

    @Test(arguments: [
        Prelude(statusCode: 0), Prelude(statusCode: 101), Prelude(statusCode: 600), Prelude(statusCode: -1),
        Prelude(headers: [HeaderField("a b", "1")]), Prelude(headers: [HeaderField("", "1")]),
        Prelude(headers: [HeaderField("a", "1\r\nb: 2")]), Prelude(cookies: ["a=1\nb"]),
    ])
    func `A prelude that can't be an HTTP head is refused`(prelude: Prelude) {
        #expect(throws: Failure.self) { try ResponseHead(prelude) }
    }
}
