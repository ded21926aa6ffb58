import AWSSignature
import HTTPTypes
import Testing
import Transport

@testable import Proxy

/// A Bedrock server behind the proxy's other stations.
@Suite struct BedrockTests {
    private typealias Step = ScriptedTransport.Step

    private static let chat = #"{"model":"amazon.nova-lite-v1:0","messages":[{"role":"user","content":"Hi"}]}"#
    private static let answer =
        #"{"output":{"message":{"role":"assistant","content":[{"text":"Ho"}]}},"stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":2,"totalTokens":5}}"#

    private func server(_ name: String = "a", _ change: (inout Server) -> Void = { _ in }) -> Server {
        Samples.server(name) { server in
            server.provider = .bedrock
            server.model = nil
            server.urls = ["us-east-1", "us-west-2"].map { region in
                var url = WeightedURL("https://bedrock-runtime.\(region).amazonaws.com")
                url.signing = AWSSigning(region: region, service: "bedrock")
                return url
            }
            server.token = nil
            change(&server)
        }
    }

    private func heard(
        _ steps: [Step], _ body: String = chat, path: String = "/a/v1/chat/completions", _ servers: [Server]? = nil
    ) throws -> Heard {
        try Heard.of(servers ?? [server()], steps, path: path, body: body, random: 0)
    }

    private static func ok(_ body: String, _ fields: HTTPFields = [:]) -> Step {
        Step(outcome: .answer(200, [.contentType: "application/json"] + fields, body))
    }

    private static func failure(_ status: Int, _ type: String, _ message: String) -> Step {
        let fields: HTTPFields = [.contentType: "application/json", .awsErrorType: type, .awsRequestID: "r-1"]
        return Step(outcome: .answer(status, fields, #"{"message":"\#(message)"}"#))
    }

    @Test("A chat goes to Converse, signed, and its response comes back in OpenAI's format")
    func chats() throws {
        let heard = try heard([Self.ok(Self.answer, [.awsRequestID: "r-1"])])
        #expect(heard.status == "200")
        #expect(heard.body.contains(#""content":"Ho""#) && heard.body.contains(#""prompt_tokens":3"#))
        #expect(heard.fields["x-request-id"] == "r-1")
        let call = heard.calls[0]
        #expect(call.url == "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse")
        #expect(call.body == #"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#)
        let signature = call.fields[.authorization] ?? ""
        #expect(signature.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"))
        #expect(
            signature.contains(
                "/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token"))
        #expect(call.fields[.known("x-amz-security-token")] == "session-token")
        #expect(heard.records[0].contains(#""gen_ai.usage.input_tokens":3"#))
    }

    @Test("After a throttled region the next one is asked, with a new signature")
    func changesRegions() throws {
        let heard = try heard([Self.failure(429, "ThrottlingException", "Too many tokens"), Self.ok(Self.answer)])
        #expect(heard.status == "200")
        #expect(heard.calls.map { $0.url.contains("us-west-2") } == [false, true])
        #expect(heard.calls[1].fields[.authorization]?.contains("/us-west-2/bedrock/") == true)
    }

    @Test("If AWS refuses the credentials, the caller gets no details, and the request isn't retried")
    func hidesCredentials() throws {
        let message =
            "The security token included in the request is invalid for arn:aws:iam::123456789012:role/x session-token"
        let heard = try heard([Self.failure(403, "UnrecognizedClientException", message)])
        #expect(heard.status == "502")
        #expect(heard.calls.count == 1)
        #expect(heard.body.contains("upstream_authentication"))
        #expect(!heard.body.contains("123456789012") && !heard.body.contains("session-token"))
        #expect(heard.log.contains { $0.contains("UnrecognizedClient") || $0.contains("security token") })
        #expect(!heard.log.contains { $0.contains("session-token") })
    }

    @Test("What Converse can't do is refused before anything is sent, unless a fallback can do it")
    func refuses() throws {
        let body = Self.chat.dropLast() + #","n":2}"#
        let alone = try heard([], String(body))
        #expect(alone.status == "400")
        #expect(alone.calls.isEmpty)
        #expect(alone.body.contains(#""param":"n","code":"unsupported_parameter""#))
        let other = Samples.server("b")
        let second = try heard(
            [Self.ok(#"{"choices":[]}"#)], String(body), [server { $0.fallbacks = ["b"] }, other])
        #expect(second.status == "200")
        #expect(second.fields["x-proxy-server"] == "b")
    }

    @Test("Endpoints without a counterpart are refused", arguments: ["completions", "responses", "moderations"])
    func refusesEndpoints(endpoint: String) throws {
        let heard = try heard([], path: "/a/v1/\(endpoint)")
        #expect(heard.status == "404")
        #expect(heard.calls.isEmpty)
        #expect(heard.body.contains("endpoint_not_open"))
    }

    @Test("The list of models has those that the table names")
    func listsModels() throws {
        let servers = [
            server {
                $0.model = "amazon.nova-lite-v1:0"
                $0.modelAliases = ["fast": "amazon.nova-micro-v1:0"]
            }
        ]
        let list = try Heard.of(servers, [], method: "GET", path: "/a/v1/models", body: "") { settings in
            settings.models = [NamedModel("big", [.init(.model("amazon.nova-pro-v1:0", server: "a"))])]
        }
        for name in ["amazon.nova-lite-v1:0", "fast", "amazon.nova-pro-v1:0"] {
            #expect(list.body.contains("\"id\":\"\(name)\""))
        }
        #expect(list.calls.isEmpty)
        let one = try Heard.of(servers, [], method: "GET", path: "/a/v1/models/amazon.nova-lite-v1:0", body: "")
        #expect(one.body.contains(#""object":"model""#))
        let none = try Heard.of(servers, [], method: "GET", path: "/a/v1/models/gpt-4o", body: "")
        #expect(none.status == "404")
    }

    private static let texts =
        #"{"model":"amazon.titan-embed-text-v2:0","input":["a","b","c"],"encoding_format":"float"}"#

    private static func vector(_ value: Int) -> Step {
        ok(#"{"embedding":[\#(value)],"inputTextTokenCount":\#(value)}"#, [.bedrockInputTokens: "\(value)"])
    }

    @Test("Each text gets a call of its own, and the response has the order of the texts")
    func embeds() throws {
        var steps = [Self.vector(1), Self.vector(2), Self.vector(3)]
        steps[0].delay = 30
        steps[1].delay = 20
        let heard = try heard(steps, Self.texts, path: "/a/v1/embeddings")
        #expect(heard.status == "200")
        #expect(heard.calls.count == 3)
        #expect(heard.calls.allSatisfy { $0.fields[.authorization]?.hasPrefix("AWS4-HMAC-SHA256") == true })
        #expect(Set(heard.calls.map { $0.fields[.authorization] }).count == 3)
        #expect(
            heard.body.contains(#""index":0,"embedding":[1]"#) || heard.body.contains(#""embedding":[1],"index":0"#))
        #expect(heard.body.contains(#""prompt_tokens":6"#))
        #expect(heard.duration == 30)
    }

    @Test("If a call fails, the others are canceled, and those that succeeded are counted")
    func embedsNothing() throws {
        var steps = [Self.vector(7), Self.failure(400, "ValidationException", "bad text"), Self.vector(3)]
        (steps[1].delay, steps[2].delay) = (10, 1000)
        let heard = try heard(steps, Self.texts, path: "/a/v1/embeddings")
        #expect(heard.status == "400")
        #expect(heard.body.contains("bad text"))
        #expect(heard.duration == 10)
        #expect(heard.records[0].contains(#""gen_ai.usage.input_tokens":7"#))
    }

    @Test("If a response has no vector, the tokens of the others are counted")
    func embedsNothingAfterAll() throws {
        let steps = [Self.vector(7), Self.ok("{}"), Self.vector(3)]
        let heard = try heard(steps, Self.texts, path: "/a/v1/embeddings", [server { $0.retries = 0 }])
        #expect(heard.status == "502")
        #expect(heard.records[0].contains(#""gen_ai.usage.input_tokens":10"#))
    }

    @Test("Calls that are canceled may have used as many tokens as the request has")
    func embedsNothingInTime() throws {
        var steps = [Self.vector(7), Self.failure(429, "ThrottlingException", "slow down"), Self.vector(3)]
        (steps[0].delay, steps[1].delay, steps[2].delay) = (1000, 10, 1000)
        let heard = try heard(steps, Self.texts, path: "/a/v1/embeddings", [server { $0.retries = 0 }])
        #expect(heard.status == "429")
        #expect(heard.records[0].contains(#""gen_ai.usage.input_tokens":\#(Self.texts.utf8.count / 4)"#))
        #expect(heard.records[0].contains(#""estimated":true"#))
    }
}
