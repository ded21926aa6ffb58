import HTTPTypes
import Synchronization
import Testing
import Transport

@testable import LambdaRuntime

@Suite struct RuntimeClientTests {
    /// Gives every request the same response, and records the requests.
    private final class Answering: HTTPTransport {
        let status: HTTPResponse.Status
        let fields: HTTPFields
        private let seen = Mutex<[TransportRequest]>([])

        init(_ status: HTTPResponse.Status, _ fields: HTTPFields = [:]) {
            self.status = status
            self.fields = fields
        }

        var requests: [TransportRequest] { seen.withLock { $0 } }

        func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
            seen.withLock { $0.append(request) }
            let body = BodyPipe()
            body.finish(nil)
            return TransportResponse(status: status, fields: fields, body: body)
        }
    }

    private func client(_ transport: Answering) -> RuntimeClient {
        RuntimeClient(address: "runtime", over: transport, now: { 1_000_000 })
    }

    @Test(
        "A response that isn't read is given up before the deadline, which nothing else may enforce",
        arguments: [(nil, nil), ("1005000", 4900), ("1000150", 100), ("999000", 100)] as [(String?, Int?)])
    func limitsAnswers(deadline: String?, total: Int?) async throws {
        let transport = Answering(.accepted)
        var fields: HTTPFields = [.requestID: "id"]
        fields[.deadline] = deadline
        let invocation = try #require(Invocation(fields: fields, payload: []))
        _ = await client(transport).respond(to: invocation, Prelude(.ok), body: BodyPipe())
        _ = await client(transport).fail(invocation, InvocationError("X", "x"))
        #expect(transport.requests.map(\.limits.total) == [total, total])
    }

    @Test("An extension without events is registered, so that the shutdown is announced")
    func registers() async throws {
        let transport = Answering(.ok, [.extensionID: "the-id"])
        #expect(await client(transport).registerExtension(name: "proxy") == "the-id")
        let request = try #require(transport.requests.first)
        #expect(request.url == "http://runtime/2020-01-01/extension/register")
        #expect(request.fields[.extensionName] == "proxy")
        guard case .bytes(let body) = request.body else {
            Issue.record("the registration has a body")
            return
        }
        #expect(String(decoding: body, as: UTF8.self) == #"{"events":[]}"#)
    }

    @Test("A Runtime API without extensions doesn't announce the shutdown")
    func registersNot() async {
        #expect(await client(Answering(.notFound)).registerExtension(name: "proxy") == nil)
    }
}
