import ArgumentParser
import Testing

@testable import FunctionURL

@Suite struct DoorOptionsTests {
    private static let key = ["--api-key", "team=0123456789abcdefghij"]
    private static let rest = ["--door", "rest"]

    @Test(
        arguments: [
            ([], "Function URL", true, nil, [:]),
            (["--door", "function-url"], "Function URL", true, nil, [:]),
            (rest, "REST API", true, nil, ["PROXY_FUNCTION_URL": "none", "PROXY_REST_TRANSFER": "stream"]),
            (
                ["--door", "rest-buffered"], "REST API", false, 29,
                ["PROXY_FUNCTION_URL": "none", "PROXY_REST_TRANSFER": "buffer"]
            ),
            (["--door", "http-api"], "HTTP API", false, 30, ["PROXY_FUNCTION_URL": "none"]),
            (["--door", "alb"], "Load balancer", false, nil, ["PROXY_FUNCTION_URL": "none"]),
            (
                rest + ["--integration-timeout", "2.5"], "REST API", true, 2.5,
                ["PROXY_FUNCTION_URL": "none", "PROXY_REST_TRANSFER": "stream"]
            ),
        ] as [([String], String, Bool, Double?, [String: String])])
    func `Each door has its title, limit and variables`(
        arguments: [String], title: String, streams: Bool, limit: Double?, variables: [String: String]
    ) throws {
        let door = try FunctionURLCommand.parse(arguments).doorOptions.makeDoor()
        #expect(door.title == title)
        #expect(door.streams == streams)
        #expect(door.timeLimit == limit)
        #expect(door.runtimeVariables == variables)
    }

    @Test(
        arguments: [
            ["--door", "nlb"], key, ["--rate", "1", "--burst", "1"], rest + ["--rate", "1", "--burst", "1"],
            rest + ["--quota", "1/day"], rest + key + ["--rate", "1"], rest + key + ["--burst", "1"],
            rest + key + ["--rate", "0", "--burst", "1"], rest + key + ["--rate", "1", "--burst", "0"],
            rest + key + ["--quota", "1"], rest + key + ["--quota", "0/day"], rest + key + ["--quota", "1/year"],
            rest + key + key, rest + ["--api-key", "team=short"], ["--binary-media-type", "*/*"],
            ["--multi-value-headers"], rest + ["--multi-value-headers"], ["--authorizer-claims", "x"],
            ["--integration-timeout", "5"], ["--door", "alb", "--integration-timeout", "5"],
            ["--door", "rest-buffered", "--integration-timeout", "29.1"],
            ["--door", "http-api", "--integration-timeout", "31"], rest + ["--integration-timeout", "0"],
        ])
    func `Options that don't fit the door are refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try FunctionURLCommand.parse(arguments) }
    }

    @Test func `A usage plan is read`() throws {
        let options = Self.rest + Self.key + ["--rate", "0.5", "--burst", "2", "--quota", "7/week"]
        let plan = try #require(try FunctionURLCommand.parse(options).doorOptions.usagePlan())
        #expect(plan.keys.map(\.name) == ["team"])
        #expect(plan.throttle == UsagePlan.Throttle(rate: 0.5, burst: 2))
        #expect(plan.quota == UsagePlan.Quota(limit: 7, period: .week))
    }

    @Test func `Claims that can't be read stop the start`() throws {
        let command = try FunctionURLCommand.parse(Self.rest + ["--authorizer-claims", "/nowhere"])
        #expect(throws: StartError.self) { try command.doorOptions.makeDoor() }
    }

    @Test func `A runtime keeps the developer's variables`() {
        var settings = Settings()
        settings.door = RESTDoor(streams: true)
        let variables = ChildEnvironment.make(
            inherited: ["PROXY_REST_TRANSFER": "buffer"], settings: settings, apiAddress: "127.0.0.1:1",
            workingDirectory: "/", label: "1")
        #expect(variables["PROXY_REST_TRANSFER"] == "buffer")
        #expect(variables["PROXY_FUNCTION_URL"] == "none")
    }
}

@Suite struct HTTPAPICORSTests {
    private static let template = CORSConfiguration(
        allowOrigins: ["*"], allowMethods: ["GET"], exposeHeaders: ["x-a"], allowCredentials: true)

    @Test func `An HTTP API has CORS rules of its own`() throws {
        let rules = try #require(HTTPAPIDoor().cors(Self.template))
        let preflight = [HeaderField("origin", "https://a"), HeaderField("access-control-request-method", "GET")]
        let fields = [
            HeaderField("access-control-allow-origin", "*"), HeaderField("access-control-allow-methods", "GET"),
            HeaderField("access-control-expose-headers", "x-a"),
        ]
        #expect(
            rules.preflightResponse(method: "OPTIONS", headers: preflight) == ResponseHead(status: 204, headers: fields)
        )
        #expect(rules.replacesFunctionFields)
    }

    @Test(arguments: [RESTDoor(streams: true), RESTDoor(streams: false), LoadBalancerDoor()] as [any Door])
    func `REST APIs and load balancers add no CORS headers`(door: any Door) {
        #expect(door.cors(Self.template) == nil)
    }
}
