import Testing

@testable import FunctionURL

@Suite struct EventV1Tests {
    private static let arrival = Arrival(
        requestID: "id", traceID: "Root=1-x", epochMilliseconds: 1_583_348_638_390, region: "eu-west-1")

    private func event(_ request: CallerRequest, _ door: RESTDoor = RESTDoor(streams: true)) -> JSON {
        door.event(request, Self.arrival)
    }

    private func get(_ target: String = "/", headers: [HeaderField] = []) -> CallerRequest {
        CallerRequest(method: "GET", target: target, headers: headers)
    }

    @Test func `A request becomes an event of payload format 1.0`() {
        let request = CallerRequest(
            method: "POST", target: "/v1/chat?a=1&a=%20b",
            headers: [HeaderField("Content-Type", "application/json"), HeaderField("User-Agent", "agent")],
            body: Array("{}".utf8))
        let forwarded = ["X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "9000"]
        let headers = forwarded.merging([
            "Content-Type": "application/json", "User-Agent": "agent", "X-Amzn-Trace-Id": "Root=1-x",
        ]) { $1 }
        let identity: JSON = [
            "accessKey": nil, "accountId": nil, "caller": nil, "cognitoAuthenticationProvider": nil,
            "cognitoAuthenticationType": nil, "cognitoIdentityId": nil, "cognitoIdentityPoolId": nil,
            "principalOrgId": nil, "user": nil, "userArn": nil, "sourceIp": "127.0.0.1", "userAgent": "agent",
        ]
        let context: JSON = [
            "accountId": "000000000000", "apiId": "local", "domainPrefix": "local", "extendedRequestId": "id",
            "domainName": "local.execute-api.eu-west-1.amazonaws.com", "httpMethod": "POST", "identity": identity,
            "path": "/prod/v1/chat", "protocol": "HTTP/1.1", "requestId": "id",
            "requestTime": "04/Mar/2020:19:03:58 +0000", "requestTimeEpoch": 1_583_348_638_390, "resourceId": "local",
            "resourcePath": "/{proxy+}", "stage": "prod",
        ]
        #expect(
            self.event(request) == [
                "resource": "/{proxy+}", "path": "/v1/chat", "httpMethod": "POST", "headers": JSON(headers),
                "multiValueHeaders": JSON(headers.mapValues { [$0] }), "queryStringParameters": ["a": " b"],
                "multiValueQueryStringParameters": ["a": ["1", " b"]], "pathParameters": ["proxy": "v1/chat"],
                "stageVariables": nil, "requestContext": context, "body": "{}", "isBase64Encoded": false,
            ])
    }

    @Test func `Missing parts are null`() throws {
        let event = self.event(self.get())
        let names = ["pathParameters", "queryStringParameters", "multiValueQueryStringParameters", "body"]
        for name in names { #expect(event[name] == JSON.null) }
        #expect(event["resource"] == "/")
        #expect(String(decoding: try event.encodedEvent(), as: UTF8.self).contains(#""body":null"#))
    }

    @Test func `Headers keep their case, the last value and all values`() {
        let fields = [
            HeaderField("X-A", "1"), HeaderField("x-a", "2"), HeaderField("x-b", "3"), HeaderField("Expect", "x"),
            HeaderField("Cookie", "c=1"), HeaderField("x-forwarded-for", "forged"), HeaderField("Connection", "close"),
        ]
        let event = self.event(self.get(headers: fields))
        #expect(event["headers"]?["X-A"] == "2")
        #expect(event["multiValueHeaders"]?["X-A"] == ["1", "2"])
        #expect(event["headers"]?["x-b"] == "3")
        #expect(event["headers"]?["Cookie"] == "c=1")
        for absent in ["x-a", "Expect", "Connection", "x-forwarded-for"] { #expect(event["headers"]?[absent] == nil) }
        #expect(event["headers"]?["X-Forwarded-For"] == "127.0.0.1")
    }

    @Test(
        arguments: [
            ([], "application/json", "é", false), (["*/*"], "application/json", "w6k=", true),
            (["Audio/MPEG"], "audio/mpeg; x=y", "w6k=", true), (["audio/mpeg"], "audio/wav", "é", false),
            (["audio/*"], "audio/wav", "é", false), (["audio/mpeg"], nil, "é", false),
        ] as [([String], String?, String, Bool)])
    func `A body is base64 only if its type is in binaryMediaTypes`(
        types: [String], type: String?, text: String, isBase64: Bool
    ) {
        var door = RESTDoor(streams: false)
        door.binaryMediaTypes = types
        let headers = type.map { [HeaderField("content-type", $0)] } ?? []
        let event = self.event(
            CallerRequest(method: "POST", target: "/", headers: headers, body: Array("é".utf8)), door)
        #expect(event["body"] == .string(text))
        #expect(event["isBase64Encoded"] == .bool(isBase64))
    }

    @Test func `A body that isn't UTF-8 is broken unless its type is binary`() {
        let event = self.event(CallerRequest(method: "POST", target: "/", body: [0xff]))
        #expect(event["body"] == "\u{FFFD}")
    }

    @Test func `A key of the usage plan and the claims of an authorizer are shown`() throws {
        var door = RESTDoor(streams: true)
        door.claims = ["sub": "u"]
        var arrival = Self.arrival
        let key = try #require(APIKey("team=0123456789abcdefghij"))
        arrival.apiKey = key
        let context = door.event(self.get(), arrival)["requestContext"]
        #expect(context?["authorizer"] == ["claims": ["sub": "u"]])
        #expect(context?["identity"]?["apiKey"] == "0123456789abcdefghij")
        #expect(context?["identity"]?["apiKeyId"] == .string(key.id))
    }
}

@Suite struct LoadBalancerEventTests {
    private static let arrival = Arrival(
        requestID: "id", traceID: "Root=1-x", epochMilliseconds: 0, region: "eu-west-1")
    private static let request = CallerRequest(
        method: "POST", target: "/a%20b?q=%20&q=2&r",
        headers: [HeaderField("X-A", "1"), HeaderField("x-a", "2"), HeaderField("X-Forwarded-For", "192.0.2.1")],
        body: [0xff])
    private static let group = "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/local/local"

    private static let singles: JSON = [
        "x-a": "2", "x-forwarded-for": "192.0.2.1, 127.0.0.1", "x-forwarded-proto": "http",
        "x-forwarded-port": "9000", "x-amzn-trace-id": "Root=1-x",
    ]
    private static let lists: JSON = [
        "x-a": ["1", "2"], "x-forwarded-for": ["192.0.2.1, 127.0.0.1"], "x-forwarded-proto": ["http"],
        "x-forwarded-port": ["9000"], "x-amzn-trace-id": ["Root=1-x"],
    ]

    @Test(
        arguments: [
            (false, "headers", singles, "queryStringParameters", ["q": "2", "r": ""]),
            (true, "multiValueHeaders", lists, "multiValueQueryStringParameters", ["q": ["%20", "2"], "r": [""]]),
        ] as [(Bool, String, JSON, String, JSON)])
    func `A load balancer's event has single values or lists`(
        isMulti: Bool, headersName: String, headers: JSON, queryName: String, query: JSON
    ) {
        let expected: JSON = .object([
            "requestContext": ["elb": ["targetGroupArn": .string(Self.group)]], "httpMethod": "POST",
            "path": "/a%20b", headersName: headers, queryName: query, "body": "/w==", "isBase64Encoded": true,
        ])
        #expect(LoadBalancerDoor(hasMultiValueHeaders: isMulti).event(Self.request, Self.arrival) == expected)
    }

    @Test func `Missing parts are empty`() {
        let event = LoadBalancerDoor().event(CallerRequest(method: "GET", target: "/"), Self.arrival)
        #expect(event["body"] == "")
        #expect(event["isBase64Encoded"] == false)
        #expect(event["queryStringParameters"] == [:])
    }
}
