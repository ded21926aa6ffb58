import HTTPTypes
import Testing
import Transport

@testable import Proxy

@Suite struct AttemptsTests {
    private typealias Step = ScriptedTransport.Step

    private static let ok = Step(outcome: .answer(200, [.contentType: "application/json"], "{}"))
    private static func status(_ status: Int, _ fields: HTTPFields = [:]) -> Step {
        Step(outcome: .answer(status, fields))
    }
    private static func error(_ kind: TransportError.Kind) -> Step { Step(outcome: .error(kind)) }

    private func server(_ name: String, _ change: (inout Server) -> Void = { _ in }) -> Server {
        Samples.server(name, change)
    }

    @Test("The response of the first attempt names the server")
    func marksAnswers() throws {
        let heard = try Heard.of([server("a")], [Self.ok])
        #expect(heard.status == "200")
        #expect(heard.fields["x-proxy-server"] == "a")
        #expect(heard.fields["x-proxy-attempts"] == "1")
        #expect(heard.fields["x-proxy-request-id"] == "id-1")
        #expect(heard.fields["x-request-id"] == "id-1")
        #expect(heard.log.isEmpty)
    }

    @Test("The header fields of an upstream that is this proxy too are replaced")
    func replacesMarks() throws {
        let theirs: HTTPFields = [.proxyServer: "theirs", .proxyAttempts: "7"]
        let heard = try Heard.of([server("a")], [Step(outcome: .answer(200, theirs, "{}"))])
        #expect(heard.fields["x-proxy-server"] == "a")
        #expect(heard.fields["x-proxy-attempts"] == "1")
    }

    @Test("A server's name that a header field can't hold is written as in the path")
    func encodesNames() throws {
        let heard = try Heard.of([server("é b")], [Self.ok], path: "/%C3%A9%20b/v1/chat/completions")
        #expect(heard.fields["x-proxy-server"] == "%C3%A9%20b")
    }

    @Test("A response without an upstream names no server")
    func leavesOwnErrors() throws {
        let heard = try Heard.of([server("a")], [], path: "/b/v1/chat/completions")
        #expect(heard.status == "404")
        #expect(heard.fields["x-proxy-server"] == nil)
        #expect(heard.fields["x-proxy-attempts"] == nil)
    }

    @Test("An overloaded upstream is asked again, with the same bytes, after a wait")
    func retries() throws {
        let heard = try Heard.of([server("a")], [Self.status(500), Self.error(.reset), Self.ok])
        #expect(heard.status == "200")
        #expect(heard.fields["x-proxy-attempts"] == "3")
        #expect(heard.calls.map(\.time) == [0, 250, 750])
        #expect(Set(heard.calls.map(\.body)) == [#"{"model":"gpt"}"#])
        #expect(
            heard.log == [
                "info: an attempt has failed and another follows attempt=1 error=500 next=a request=id-1 server=a "
                    + "wait=250",
                "info: an attempt has failed and another follows attempt=2 error=upstream_disconnected: 10.1.2.3 "
                    + "next=a request=id-1 server=a wait=500",
            ])
    }

    @Test("The last failure passes unchanged, but tells SDKs not to retry")
    func passesLastFailure() throws {
        let again: HTTPFields = [.shouldRetry: "true", .retryAfter: "1"]
        let heard = try Heard.of([server("a")], Array(repeating: Self.status(429, again), count: 5))
        #expect(heard.status == "429")
        #expect(heard.body == #"{"error":{"message":"no"}}"#)
        #expect(heard.fields["x-should-retry"] == "false")
        #expect(heard.fields["retry-after"] == "1")
        #expect(heard.fields["x-proxy-attempts"] == "3")
        #expect(heard.calls.map(\.time) == [0, 1000, 2000])
    }

    @Test(
        "After a single attempt, the upstream's own x-should-retry is kept",
        arguments: ["true", "false", nil] as [String?])
    func keepsUpstreamsWord(word: String?) throws {
        var fields: HTTPFields = [.retryAfter: "60"]
        fields[.shouldRetry] = word
        let heard = try Heard.of([server("a")], [Self.status(429, fields)])
        #expect(heard.fields["x-should-retry"] == word)
        #expect(heard.fields["x-proxy-attempts"] == "1")
        #expect(heard.duration == 0)
    }

    @Test("The proxy's own error names the server that failed and the number of attempts")
    func marksErrors() throws {
        let heard = try Heard.of([server("a") { $0.retries = 0 }], [Self.error(.refused), Self.error(.refused)])
        #expect(heard.status == "502")
        #expect(heard.body.contains("upstream_refused"))
        #expect(heard.fields["x-proxy-server"] == "a")
        #expect(heard.fields["x-proxy-attempts"] == "2")
        #expect(heard.fields["x-should-retry"] == "false")
    }

    @Test("A fallback is asked at its own URL, with its own token, model and limits")
    func fallsBack() throws {
        let servers = [
            server("a") { ($0.fallbacks, $0.retries, $0.modelAliases) = (["b", "c"], 0, ["gpt": "gpt-4o"]) },
            server("b") { ($0.retries, $0.authHeader) = (0, .known("api-key")) },
            server("c") { ($0.model, $0.modelAliases, $0.limits.total) = (nil, ["gpt": "small"], 5000) },
        ]
        let heard = try Heard.of(servers, [Self.status(503), Self.error(.timeout), Self.ok])
        #expect(heard.status == "200")
        #expect(heard.fields["x-proxy-server"] == "c")
        #expect(heard.fields["x-proxy-attempts"] == "3")
        #expect(heard.fields["x-should-retry"] == nil)
        #expect(heard.calls.map(\.url) == ["a", "b", "c"].map { "https://\($0).example/v1/chat/completions" })
        #expect(heard.calls.map(\.body) == ["gpt-4o", "b-model", "small"].map { #"{"model":"\#($0)"}"# })
        #expect(heard.calls.map { $0.fields[.authorization] } == ["Bearer sk-a", nil, "Bearer sk-c"])
        #expect(heard.calls[1].fields[.known("api-key")] == "sk-b")
        #expect(heard.calls.map(\.limits.total) == [900_000, 900_000, 5000])
    }

    @Test("An error that is the request's own fault has no fallback")
    func keepsRequestErrors() throws {
        let heard = try Heard.of([server("a") { $0.fallbacks = ["b"] }, server("b")], [Self.status(400)])
        #expect(heard.status == "400")
        #expect(heard.calls.count == 1)
    }

    @Test("A stream that has begun is final, however it ends")
    func keepsStreams() throws {
        let stream = Step(outcome: .answer(200, [.contentType: "text/event-stream"], "data: {}\n\n"))
        let heard = try Heard.of([server("a")], [Self.status(500), stream], body: #"{"model":"gpt","stream":true}"#)
        #expect(heard.body.hasPrefix("data: {}\n\n"))
        #expect(heard.fields["x-proxy-attempts"] == "2")
        #expect(heard.fields["x-should-retry"] == nil)
    }

    @Test("A reverse proxy's errors pass; only a request that no server has received is sent again")
    func sparesReverseProxies() throws {
        let page = server("a") { $0.isReverseProxy = true }
        #expect(try Heard.of([page], [Self.status(503)]).calls.count == 1)
        #expect(try Heard.of([page], [Self.error(.reset)]).calls.count == 1)
        let heard = try Heard.of([page], [Self.error(.connectTimeout), Self.status(404)])
        #expect(heard.status == "404")
        #expect(heard.fields["x-proxy-attempts"] == "2")
        #expect(heard.fields["x-should-retry"] == "false")
    }

    @Test("The URLs of a server are tried in the order drawn")
    func spreads() throws {
        let many = server("a") { $0.urls = [WeightedURL("http://one"), WeightedURL("http://two", weight: 9)] }
        let heard = try Heard.of([many], [Self.error(.refused), Self.ok])
        #expect(heard.calls.map(\.url) == ["http://two/chat/completions", "http://one/chat/completions"])
        #expect(heard.duration == 0)
    }
}
