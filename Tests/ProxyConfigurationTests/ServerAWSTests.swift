import Testing
import Transport

@testable import Proxy
@testable import ProxyConfiguration

/// `provider`, `region`, `auth` and `service`.
@Suite struct ServerAWSTests {
    private static let environment = [
        "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_REGION": "eu-west-1", "KEY": "bedrock-key",
    ]

    private func server(_ lines: String, _ environment: [String: String] = environment) throws -> Server {
        try load("a: {\(lines)}", environment).table.servers[0]
    }

    private static func url(_ region: String, _ weight: Int = 1, _ domain: String = "amazonaws.com") -> WeightedURL {
        var url = WeightedURL("https://bedrock-runtime.\(region).\(domain)", weight: weight)
        url.signing = AWSSigning(region: region, service: "bedrock")
        return url
    }

    private static func signed(_ text: String, _ region: String, _ service: String) -> WeightedURL {
        var url = WeightedURL(text)
        url.signing = AWSSigning(region: region, service: service)
        return url
    }

    @Test(
        "Bedrock needs a region at most, and its requests are signed for it",
        arguments: [
            ("provider: bedrock", [url("eu-west-1")]), ("provider: bedrock, region: us-east-1", [url("us-east-1")]),
            ("provider: bedrock, region: '${AWS_REGION}'", [url("eu-west-1")]),
            (
                "provider: bedrock, region: [us-east-1, {region: us-west-2, weight: 3}]",
                [url("us-east-1"), url("us-west-2", 3)]
            ),
            ("provider: bedrock, region: cn-north-1", [url("cn-north-1", 1, "amazonaws.com.cn")]),
            ("provider: bedrock, region: us-gov-west-1", [url("us-gov-west-1")]),
            ("provider: bedrock, auth: aws_sigv4, token: '${NONE:-}'", [url("eu-west-1")]),
            (
                "provider: bedrock, url: http://127.0.0.1:8000/, region: us-east-1",
                [signed("http://127.0.0.1:8000", "us-east-1", "bedrock")]
            ),
            (
                "provider: bedrock, url: http://127.0.0.1:8000",
                [signed("http://127.0.0.1:8000", "eu-west-1", "bedrock")]
            ),
            (
                "provider: bedrock, url: https://bedrock-runtime-fips.us-west-2.amazonaws.com",
                [signed("https://bedrock-runtime-fips.us-west-2.amazonaws.com", "us-west-2", "bedrock")]
            ),
        ] as [(String, [WeightedURL])])
    func readsBedrock(lines: String, urls: [WeightedURL]) throws {
        let server = try server(lines)
        #expect(server.urls == urls)
        #expect(server.provider == .bedrock)
        #expect(server.token == nil)
        #expect(server.missingVariables == [])
        // The arguments of a tool call may take minutes to form.
        #expect(server.limits.idle == 600_000)
    }

    @Test(
        "Any server's requests can be signed; its host tells for which region and service",
        arguments: [
            ("https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", "us-east-1", "bedrock"),
            ("https://bedrock-mantle.us-east-1.api.aws/v1", "us-east-1", "bedrock-mantle"),
            ("https://abc.execute-api.ap-southeast-2.amazonaws.com/v1", "ap-southeast-2", "execute-api"),
            ("https://abc.lambda-url.eu-central-1.on.aws/v1", "eu-central-1", "lambda"),
            ("https://runtime.sagemaker.cn-north-1.amazonaws.com.cn/v1", "cn-north-1", "sagemaker"),
        ])
    func readsHosts(url: String, region: String, service: String) throws {
        let server = try server("url: '\(url)', auth: aws_sigv4")
        #expect(server.urls == [Self.signed(url, region, service)])
        #expect(server.provider == .openAI)
    }

    @Test("The table's region and service win over the host's")
    func overrides() throws {
        let server = try server(
            "url: 'https://bedrock-mantle.us-east-1.api.aws/v1', auth: aws_sigv4, region: us-west-2, service: x")
        #expect(server.urls[0].signing == AWSSigning(region: "us-west-2", service: "x"))
    }

    @Test("With a Bedrock API key, nothing is signed")
    func readsToken() throws {
        let server = try server("provider: bedrock, region: us-east-1, token: '${KEY}'")
        #expect(server.token?.revealed == "bedrock-key")
        #expect(server.urls == [WeightedURL("https://bedrock-runtime.us-east-1.amazonaws.com")])
        let unset = try self.server("provider: bedrock, region: us-east-1, token: '${UNSET}'")
        #expect(unset.missingVariables == ["UNSET"])
        #expect(unset.urls[0].signing == nil)
    }

    @Test("A URL shows the variables that are missing in it")
    func showsMissingVariables() throws {
        #expect(try server("provider: bedrock", [:]).urls[0].text == "https://bedrock-runtime.${AWS_REGION}.amazonaws.com")
        let region = try server("provider: bedrock, region: '${R}'")
        #expect(region.urls[0].text == "https://bedrock-runtime.${R}.amazonaws.com")
        let url = try server("url: 'https://${H}/v1', token: '${T}'")
        #expect(url.urls[0].text == "https://${H}/v1" && url.token == nil)
    }

    @Test("Variables that aren't set make only their server unusable")
    func missesVariables() throws {
        #expect(
            try server("provider: bedrock", [:]).missingVariables == [
                "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
            ])
        let region = try server("provider: bedrock, region: '${R}'")
        #expect(region.missingVariables == ["R"])
        let url = try server("url: 'http://h/v1', auth: aws_sigv4, service: s", ["AWS_ACCESS_KEY_ID": "A"])
        #expect(url.missingVariables == ["AWS_REGION", "AWS_SECRET_ACCESS_KEY"])
    }

    private static let refused = [
        Refusal("a:\n  provider: bedrok", 2, "'provider' must be 'openai' or 'bedrock'"),
        Refusal("a:\n  provider: openai", 2, "'url' is missing"),
        Refusal("a:\n  url: http://a\n  auth: sigv4", 3, "'auth' must be 'aws_sigv4'"),
        Refusal("a:\n  url: http://a\n  region: us-east-1", 3, "'region' is only for signed requests"),
        Refusal("a:\n  url: http://a\n  service: bedrock", 3, "'service' is only for signed requests"),
        Refusal("a:\n  url: http://a\n  auth: aws_sigv4\n  region: us-east-1", 2, "'service' is missing"),
        Refusal(
            "a:\n  url: http://a\n  auth: aws_sigv4\n  token: t\n  service: s", 4,
            "'token' can't be combined with 'auth: aws_sigv4'"),
        Refusal("a:\n  provider: bedrock\n  auth: aws_sigv4\n  token: '${T}'", 4, "'token' can't be combined"),
        Refusal("a:\n  provider: bedrock\n  token: t\n  service: s", 4, "'service' is only for signed requests"),
        Refusal(
            "a:\n  url: http://a\n  auth: aws_sigv4\n  service: s\n  auth_header: x-key", 5,
            "'auth_header' can't be combined"),
        Refusal("a:\n  provider: bedrock\n  region: us-east", 3, "has 'us-east', which is not a region"),
        Refusal("a:\n  provider: bedrock\n  region: []", 3, "'region' is an empty list; add at least one region"),
        Refusal("a:\n  provider: bedrock\n  region:\n    - us-east-1\n    - us-east-1", 5, "has the same region twice"),
        Refusal(
            "a:\n  provider: bedrock\n  region:\n    - region: us-east-1\n      wait: 1", 5,
            "a region of server 'a' has an unknown key"),
        Refusal("a:\n  provider: bedrock\n  url: http://a\n  region: [us-east-1, us-east-2]", 4, "'region' is a list"),
        Refusal(
            "a:\n  provider: bedrock\n  endpoints: [files]", 3, "'endpoints' can't be combined with 'provider: bedrock'"
        ),
        Refusal(
            "a:\n  provider: bedrock\n  url: https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", 3,
            "'url' ends in '/v1'"),
        Refusal("a:\n  provider: bedrock\n  reverse_proxy: true", 3, "'reverse_proxy' can't be combined"),
        Refusal("a:\n  provider: bedrock\n  expects_done: false", 3, "'expects_done' can't be combined"),
    ]

    @Test("An invalid value is refused with its line", arguments: refused)
    func refuses(refusal: Refusal) throws { try refusal.expect() }
}
