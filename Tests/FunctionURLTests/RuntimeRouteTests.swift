import Testing

@testable import FunctionURL

@Suite struct RuntimeRouteTests {
    @Test(
        arguments: [
            ("GET", "/2018-06-01/runtime/invocation/next", .next),
            ("GET", "/2018-06-01/runtime/invocation/next?x", .next),
            ("POST", "/2018-06-01/runtime/invocation/abc/response", .response(requestID: "abc")),
            ("POST", "/2018-06-01/runtime/invocation/abc/error", .error(requestID: "abc")),
            ("POST", "/2018-06-01/runtime/init/error", .initError),
            ("POST", "/2020-01-01/extension/register", .extensionRegister),
            ("GET", "/2020-01-01/extension/event/next", .extensionNext),
            ("POST", "/2018-06-01/runtime/invocation/next", .unknown),
            ("GET", "/2018-06-01/runtime/invocation/abc/response", .unknown),
            ("POST", "/2018-06-01/runtime/invocation/abc/other", .unknown),
            ("GET", "/2020-01-01/runtime/invocation/next", .unknown),
            ("GET", "/2018-06-01//runtime/invocation/next", .unknown),
            ("GET", "/", .unknown), ("GET", "", .unknown), ("GET", "*", .unknown),
        ] as [(String, String, RuntimeRoute)])
    func `A method and a path name an endpoint`(method: String, target: String, route: RuntimeRoute) {
        #expect(RuntimeRoute(method: method, target: target) == route)
    }

    @Test func `An error of the Runtime API is valid JSON with any text`() {
        let reply = RuntimeReply.error(400, "A", "say \"b\"\n")
        #expect(reply.body == #"{"errorMessage":"say \"b\"\n","errorType":"A"}"#)
    }

    @Test(arguments: [
        (Failure.wrongResponseMode("x"), 400), (.responseTooLarge(limit: 1), 413), (.malformedResponse("x"), 400),
    ])
    func `A runtime is told why its response was refused`(failure: Failure, status: Int) {
        #expect(RuntimeReply.refusing(failure).status == status)
    }
}
