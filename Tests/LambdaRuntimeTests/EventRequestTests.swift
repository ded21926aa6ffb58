import HTTPTypes
import JSONBytes
import Testing

@testable import LambdaRuntime

/// Requests through API Gateway, load balancers and direct invocations.
@Suite struct EventRequestTests {
    @Test(
        "The stage of an HTTP API and the base path of a domain are removed",
        arguments: [
            // The path of a REST API's event has no stage, so what looks like one belongs to the request.
            (#""httpMethod":"GET","path":"/s/v1","requestContext":{"stage":"s"}"#, "/s/v1"),
            (rest("/base/s/v1", "/{proxy+}", "s/v1"), "/s/v1"), (rest("/s/v1", "/{proxy+}", "s/v1"), "/s/v1"),
            (rest("/base/s/v1/", "/{proxy+}", "s/v1"), "/s/v1/"),
            (rest("/base/x/s/v1", "/x/{p+}", "s/v1", "p"), "/x/s/v1"),
            // Decoded in the parameter, but not in the path.
            (rest("/base/a%20b", "/{proxy+}", "a b"), "/a%20b"), (rest("/base/a%20b", "/{proxy+}", "a%20b"), "/a%20b"),
            (rest("/%62ase/s", "/{proxy+}", "s"), "/s"), (rest("/s", "/{a}", "s", "a"), "/s"),
            (rest("/s", "/{a}/{b+}", "s", "b"), "/s"), (rest("/s", "/{proxy+}", "s", "other"), "/s"),
            (
                #""httpMethod":"GET","path":"/base/s/v1/x","resource":"/{server}/v1/{proxy+}","#
                    + #""pathParameters":{"proxy":"x","server":"s","other":1}"#, "/s/v1/x"
            ),
            (#""httpMethod":"GET","path":"/base/health","resource":"/health""#, "/health"),
            (#""httpMethod":"GET","path":"/s/v1","resource":"/""#, "/s/v1"),
            (#""httpMethod":"GET","path":"/","resource":"/""#, "/"),
            (http("/prod/s/v1", "prod"), "/s/v1"), (http("/production/s", "prod"), "/production/s"),
            (http("/prod/prod/s", "prod"), "/prod/s"), (http("/prod", "prod"), "/"),
            // HTTP APIs decode paths.
            (http("/s/a b%é?#/:@", "$default"), "/s/a%20b%25%C3%A9%3F%23/:@"), (http("/s/v1", "$default"), "/s/v1"),
            (
                http("/base/s/v1", "$default", #""routeKey":"ANY /{proxy+}","pathParameters":{"proxy":"s/v1"},"#),
                "/s/v1"
            ),
            (http("/s/v1", "$default", #""routeKey":"$default","#), "/s/v1"),
            (#""version":"1.0","httpMethod":"GET","path":"/prod/s","requestContext":{"stage":"prod"}"#, "/s"),
        ])
    func removesPrefix(event: String, path: String) throws { #expect(try request("{\(event)}").path == path) }

    private static func rest(_ path: String, _ resource: String, _ value: String, _ name: String = "proxy") -> String {
        #""httpMethod":"GET","path":"\#(path)","resource":"\#(resource)","pathParameters":{"\#(name)":"\#(value)"}"#
    }

    private static func http(_ path: String, _ stage: String, _ more: String = "") -> String {
        #""rawPath":"\#(path)",\#(more)"requestContext":{"http":{"method":"GET"},"domainName":"d","stage":"\#(stage)"}"#
    }

    @Test(
        "A query in parts becomes one, and is encoded if API Gateway has decoded it",
        arguments: [
            (#""queryStringParameters":{"a":"b c","d":"é&="}"#, "a=b%20c&d=%C3%A9%26%3D", "a=b c&d=é&="),
            (#""queryStringParameters":{"a":""}"#, "a=", "a="), (#""queryStringParameters":null"#, "", ""),
            ("\"x\":1", "", ""),
            (
                #""queryStringParameters":{"a":"2"},"multiValueQueryStringParameters":{"a":["1","2"],"b":["%20"]}"#,
                "a=1&a=2&b=%2520", "a=1&a=2&b=%20"
            ),
        ])
    func joinsQuery(members: String, ofGateway: String, ofLoadBalancer: String) throws {
        let event = #""httpMethod":"GET","path":"/","# + members
        #expect(try request("{\(event)}").query == ofGateway)
        #expect(try request(#"{\#(event),"requestContext":{"elb":{}}}"#).query == ofLoadBalancer)
    }

    @Test("Lists of header values win over single ones, and names may be in any case")
    func readsHeaderLists() throws {
        let fields = try request(
            #"{"httpMethod":"GET","path":"/","headers":{"X-One":"2"},"multiValueHeaders":{"X-One":["1","2"],"X-Two":null}}"#
        ).fields
        #expect(fields[values: HTTPField.Name("x-one")!] == ["1", "2"])
        #expect(fields.count == 2)
    }

    @Test(
        "API Gateway's word about the caller is read, and anything odd in it counts as absent",
        arguments: [
            (#""identity":{"apiKey":"secret","apiKeyId":"k"}"#, GatewayIdentity(keyID: "k")),
            (#""authorizer":{"claims":{"sub":"u"},"x":[]}"#, GatewayIdentity(claims: Array(#"{"sub":"u"}"#.utf8))),
            (
                #""authorizer":{"jwt":{"claims":{"sub":"u"},"scopes":null}}"#,
                GatewayIdentity(claims: Array(#"{"sub":"u"}"#.utf8))
            ),
            (#""authorizer":{"principalId":"p","n":1}"#, GatewayIdentity(principal: "p")),
            (#""authorizer":"text","identity":7"#, nil), (#""authorizer":{"claims":[],"principalId":""}"#, nil),
            (#""authorizer":{"jwt":[]},"identity":{"apiKeyId":1}"#, nil), (#""authorizer":null"#, nil),
        ])
    func readsIdentity(context: String, identity: GatewayIdentity?) throws {
        let sender = identity.map { Sender.gateway($0) } ?? .anybody
        #expect(try request(#"{"httpMethod":"GET","path":"/","requestContext":{\#(context)}}"#).sender == sender)
        let http = #""rawPath":"/","requestContext":{"http":{"method":"GET"},"domainName":"d",\#(context)}"#
        #expect(try request("{\(http)}").sender == sender)
        // Neither a function URL nor a load balancer has checked anybody.
        let elb = #"{"httpMethod":"GET","path":"/","requestContext":{"elb":{},\#(context)}}"#
        #expect(try request(elb).sender == .anybody)
        let url =
            #"{"rawPath":"/","requestContext":{"http":{"method":"GET"},"domainName":"a.lambda-url.b",\#(context)}}"#
        #expect(try request(url).sender == .anybody)
    }

    @Test(
        "A direct invocation becomes a request",
        arguments: [
            (#""server":"s","path":"/v1/a?b=1","body":{"c": [1]}"#, "POST", "/s/v1/a", "b=1", #"{"c": [1]}"#),
            (#""server":"s","path":"v1/a","body":"text""#, "POST", "/s/v1/a", "", "text"),
            (#""server":"a b/ü","path":"/v1""#, "GET", "/a%20b%2F%C3%BC/v1", "", ""),
            (#""path":"health""#, "GET", "/health", "", ""),
            (#""path":"/v1/x","method":"PUT""#, "PUT", "/v1/x", "", ""),
            (#""path":"/","body":"AQ==","isBase64Encoded":true"#, "POST", "/", "", "\u{1}"),
            (#""path":"","body":[true]"#, "POST", "/", "", "[true]"), (#""path":"/","body":null"#, "GET", "/", "", ""),
        ])
    func readsDirect(members: String, method: String, path: String, query: String, body: String) throws {
        let request = try request("{\(members)}")
        #expect(request.method.rawValue == method)
        #expect((request.path, request.query) == (path, query))
        #expect(request.body == Array(body.utf8))
        #expect(request.sender == .invoker)
        #expect(request.fields[.contentType] == (body.isEmpty ? nil : "application/json"))
    }

    @Test("A direct invocation may have headers and a key")
    func readsDirectHeaders() throws {
        let fields = try request(
            #"{"path":"/","body":"x","headers":{"Content-Type":"text/plain","authorization":"Bearer no"},"key":"sk"}"#
        ).fields
        #expect(fields[.contentType] == "text/plain")
        #expect(fields[values: .authorization] == ["Bearer sk"])
    }
}
