import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct FieldsTests {
    private static let sent: HTTPFields = [
        .contentType: "application/json", .accept: "application/json", .userAgent: "sdk",
        .authorization: "Bearer key-web", .cookie: "c", .known("x-api-key"): "key-web", .known("api-key"): "key-web",
        .known("host"): "h", .known("x-forwarded-for"): "1.2.3.4", .known("x-amzn-trace-id"): "t",
        .known("openai-beta"): "b", .known("openai-organization"): "o", .known("x-stainless-os"): "Linux",
        .acceptEncoding: "gzip", .acceptLanguage: "en",
        .known("traceparent"): "00-a-b-01", .known("tracestate"): "k=v", .connection: "close",
        .known("content-length"): "5",
    ]

    private func names(_ fields: HTTPFields) -> Set<String> { Set(fields.map { $0.name.canonicalName }) }

    @Test("Only allowed fields are forwarded, with the server's own token")
    func rewritesUp() {
        let fields = RequestFields.rewrite(Self.sent, for: Samples.route())
        #expect(
            names(fields) == [
                "content-type", "accept", "user-agent", "openai-beta", "traceparent", "tracestate",
                "accept-encoding", "authorization",
            ])
        #expect(fields[.authorization] == "Bearer sk-a")
        #expect(fields[.acceptEncoding] == "identity")
    }

    @Test("The invocation's trace is forwarded; the caller's is only if the server lists it")
    func sendsTrace() {
        let name = HTTPField.Name.known("x-amzn-trace-id")
        #expect(RequestFields.rewrite(Self.sent, for: Samples.route(), trace: "Root=1")[name] == "Root=1")
        let route = Samples.route { $0.forwardHeaders = [name] }
        #expect(RequestFields.rewrite(Self.sent, for: route)[name] == "t")
        #expect(RequestFields.rewrite(Self.sent, for: route, trace: "Root=1")[name] == "Root=1")
    }

    @Test("A field that the server lists is forwarded too")
    func forwardsListed() {
        let route = Samples.route { $0.forwardHeaders = [.known("openai-organization")] }
        #expect(RequestFields.rewrite(Self.sent, for: route)[.known("openai-organization")] == "o")
    }

    @Test("A server's auth_header carries the bare token")
    func usesAuthHeader() {
        let route = Samples.route { $0.authHeader = .known("X-aws-proxy-auth") }
        let fields = RequestFields.rewrite(Self.sent, for: route)
        #expect(fields[.known("x-aws-proxy-auth")] == "sk-a")
        #expect(fields[.authorization] == nil)
    }

    @Test("Without a token nothing is sent in its place, and never the caller's key")
    func sendsNoToken() {
        let fields = RequestFields.rewrite(Self.sent, for: Samples.route { $0.token = nil })
        #expect(fields[.authorization] == nil)
        #expect(!fields.contains { $0.value.contains("key-web") })
    }

    @Test(
        "A body that was read as JSON is sent as JSON",
        arguments: [
            (nil, "application/json"), ("application/x-www-form-urlencoded", "application/json"),
            ("application/json; charset=utf-8", "application/json; charset=utf-8"),
            ("application/json; charset=utf-7", "application/json"),
            ("application/json;x=y;charset=\"utf-16\"", "application/json"),
            ("application/json, text/plain", "application/json"),
            ("Application/JSON", "Application/JSON"), ("application/vnd.api+json", "application/vnd.api+json"),
        ] as [(String?, String)])
    func saysJSON(type: String?, expected: String) {
        var fields = HTTPFields()
        fields[.contentType] = type
        #expect(RequestFields.rewrite(fields, for: Samples.route())[.contentType] == expected)
        #expect(RequestFields.rewrite(fields, for: Samples.route(.opaque))[.contentType] == type)
    }

    private static let received: HTTPFields = [
        .contentType: "text/event-stream", .known("x-request-id"): "r", .known("request-id"): "q",
        .known("openai-processing-ms"): "5",
        .known("x-ratelimit-remaining-requests"): "9", .retryAfter: "1", .known("retry-after-ms"): "900",
        .known("x-should-retry"): "true", .setCookie: "c", .server: "nginx", .known("alt-svc"): "h3",
        .connection: "close", .transferEncoding: "chunked", .known("content-length"): "5", .contentEncoding: "gzip",
        .known("access-control-allow-origin"): "*", .known("keep-alive"): "x", .date: "d",
    ]

    @Test("Only allowed fields are passed on to the client")
    func rewritesDown() {
        let fields = ResponseFields.rewrite(Self.received, for: Samples.route())
        #expect(
            names(fields) == [
                "content-type", "x-request-id", "request-id", "openai-processing-ms",
                "x-ratelimit-remaining-requests", "retry-after", "retry-after-ms", "x-should-retry",
            ])
    }

    @Test("If there are more fields than a function URL accepts, those that clients read come first")
    func boundsDown() {
        for value in ["1", "\"\\", String(repeating: "x", count: 20_000)] {
            var fields = HTTPFields()
            for number in 0..<(value.count > 2 ? 10 : 4200) {
                fields.append(HTTPField(name: .init("x-ratelimit-\(number)")!, value: value))
            }
            fields[.contentType] = "text/event-stream"
            let passed = ResponseFields.rewrite(fields, for: Samples.route())
            #expect(passed[.contentType] == "text/event-stream")
            #expect(
                value.count > 2 ? passed.count == 1 : passed[.init("x-ratelimit-0")!] == value && passed.count > 300)
            #expect((9000...12_100).contains(Prelude(.ok, fields: passed).serialized.count) || passed.count == 1)
        }
    }

    @Test("A reverse proxy passes encodings both ways, since the browser asked for them")
    func passesEncodings() {
        let route = Samples.route(.opaque) { $0.isReverseProxy = true }
        #expect(RequestFields.rewrite(Self.sent, for: route)[.acceptEncoding] == "gzip")
        #expect(ResponseFields.rewrite(Self.received, for: route)[.contentEncoding] == "gzip")
    }

    @Test("A Content-Encoding is forwarded only with a body that isn't read")
    func sendsEncodings() {
        for encoding in ["gzip", "utf-8", "br, gzip"] {
            let fields: HTTPFields = [.contentEncoding: encoding]
            let forwarding = { (server: inout Server) in server.forwardHeaders = [.contentEncoding] }
            #expect(RequestFields.rewrite(fields, for: Samples.route(.opaque))[.contentEncoding] == encoding)
            let reverse = Samples.route(.opaque) { $0.isReverseProxy = true }
            #expect(RequestFields.rewrite(fields, for: reverse)[.contentEncoding] == encoding)
            #expect(
                RequestFields.rewrite(fields, for: Samples.route(.json(model: nil), forwarding))[.contentEncoding]
                    == nil)
        }
    }
}
