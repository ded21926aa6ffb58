import Proxy
import Synchronization
import Testing
import Transport

@testable import DynamoDBStore

@Suite struct AnswerTests {
    static let refusal = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"

    private static func refused(_ item: String) -> ScriptedDynamoDB.Step {
        .answer(400, #"{"__type":"\#(refusal)","message":"The conditional request failed","Item":\#(item)}"#)
    }

    @Test("Usage comes with a success and with a refusal")
    func grants() async throws {
        func item(_ requests: Int) -> String {
            #"{"id":{"S":"x"},"cost":{"N":"-5"},"requests":{"N":"\#(requests)"},"tokens":{"N":"7"},"odd":{"M":{}}}"#
        }
        let (store, _) = Samples.store(.answer(200, #"{"Attributes":\#(item(5))}"#), Self.refused(item(12)))
        #expect(try await store.take(Samples.request) == .granted(Usage(requests: 5, tokens: 7, cost: -5)))
        #expect(try await store.take(Samples.request) == .refused(Usage(requests: 12, tokens: 7, cost: -5)))
    }

    @Test("A success beyond the quota counts as a refusal")
    func distrustsGrants() async throws {
        let (store, _) = Samples.store(.answer(200, #"{"Attributes":{"requests":{"N":"1000000000000000000"}}}"#))
        await #expect(throws: StoreError.self) { try await store.take(Samples.request) }
    }

    @Test("Missing attributes of an item count as zero")
    func fillsIn() async throws {
        let (store, _) = Samples.store(.answer(200, #"{"Attributes":{}}"#))
        #expect(try await store.take(Samples.request) == .granted(Usage()))
    }

    @Test(
        "A meaningless response is an error, but not a silent store",
        arguments: [
            (200, ""), (200, "<html>"), (200, "[]"), (200, "null"), (200, "{}"), (200, #"{"Attributes":7}"#),
            (200, #"{"Attributes":{"requests":7}}"#), (200, #"{"Attributes":{"requests":{}}}"#),
            (200, #"{"Attributes":{"requests":{"N":7}}}"#), (200, #"{"Attributes":{"requests":{"S":"7"}}}"#),
            (200, #"{"Attributes":{"requests":{"N":"7.5"}}}"#), (200, #"{"Attributes":{"requests":{"N":"1E+60"}}}"#),
            (200, #"{"Attributes":{"requests":{"N":"9223372036854775807"}}}"#),
            (200, #"{"Attributes":{"requests":{"N":"-9223372036854775808"}}}"#),
            (200, #"{"Attributes":{"leases":{"SS":[7]}}}"#), (200, #"{"Attributes":{"leases":{"S":"x"}}}"#),
            (200, #"{"Attributes":{"requests":{"N":"7"}}} x"#), (200, #"{"Attributes":{"requests":{"N":"7"}}"#),
            (200, #"{"Attributes":\#(String(repeating: "[", count: 500))"#),
            (400, #"{"__type":"\#(refusal)"}"#), (400, #"{"__type":"\#(refusal)","Item":{}}"#),
            (400, #"{"__type":"\#(refusal)","Item":{"requests":{"N":"9"}}}"#), (400, "<html>"), (500, ""), (302, "{}"),
        ])
    func distrusts(status: Int, body: String) async throws {
        let (store, _) = Samples.store(.answer(status, body))
        let error = await #expect(throws: StoreError.self) { try await store.take(Samples.request) }
        #expect(error?.isSilent == false)
    }

    @Test("A response that is longer than any item isn't read to its end")
    func boundsAnswers() async throws {
        let spaces = String(repeating: " ", count: 600_000)
        let (store, _) = Samples.store(.answer(200, #"{"Attributes":{}\#(spaces)}"#))
        await #expect(throws: StoreError.self) { try await store.take(Samples.request) }
    }

    @Test(
        "An error says what to do",
        arguments: [
            (400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "create-table --table-name limits"),
            (400, "com.amazon.coral.service#AccessDeniedException", "dynamodb:UpdateItem"),
            (400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "more capacity"),
            (400, "com.amazon.coral.service#ThrottlingException", "more capacity"),
            (400, "com.amazon.coral.service#UnrecognizedClientException", "refused the AWS credentials"),
            (400, "com.amazon.coral.service#InvalidSignatureException", "the clock is wrong"),
            (400, "com.amazon.coral.service#ExpiredTokenException", "have expired"),
            (400, "com.amazon.coral.validate#ValidationException", "only key must be 'id'"),
            (500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "answered 500 (InternalServerError)"),
            (503, "", "answered 503 without a reason"), (418, "\\\"><b>42 Tea", "answered 418 (bTea)"),
        ])
    func advises(status: Int, type: String, advice: String) async throws {
        let body = #"{"__type":"\#(type)","message":"the-token, the-secret-key: in what DynamoDB says"}"#
        let (store, _) = Samples.store(.answer(status, body))
        let error = await #expect(throws: StoreError.self) { try await store.take(Samples.request) }
        let detail = try #require(error).detail
        #expect(detail.contains(advice))
        #expect(detail.contains("limits") || detail.contains("eu-west-1"))
        #expect(!detail.contains("the-token") && !detail.contains("the-secret-key") && !detail.contains("says"))
        #expect(error?.isSilent == false)
    }

    @Test(
        "A store that doesn't respond is silent",
        arguments: [
            (.timeout, "did not answer within 1000 ms"), (.refused, "can't be reached"),
            (.unresolved, "can't be reached"), (.connectTimeout, "can't be reached"), (.reset, "can't be reached"),
        ] as [(TransportError.Kind, String)])
    func waits(kind: TransportError.Kind, detail: String) async throws {
        let (store, _) = Samples.store(.error(kind))
        let error = await #expect(throws: StoreError.self) { try await store.take(Samples.request) }
        #expect(error?.isSilent == true)
        #expect(error?.detail.contains(detail) == true)
    }

    @Test(
        "A call takes no longer than the request that waits for it",
        arguments: [
            (nil, 1000, 60_000), (0, nil, nil), (1, 1, 1), (700, 700, 700), (5000, 1000, 5000), (90_000, 1000, 60_000),
        ]
            as [(Int64?, Int?, Int?)])
    func isTimed(timeLeft: Int64?, firstByte: Int?, total: Int?) async throws {
        let (store, dynamoDB) = Samples.store(.error(.refused))
        let request = TimedRequest(
            cancellation: Cancellation(), deadline: timeLeft.map { Samples.now * 1000 + $0 })
        await #expect(throws: StoreError.self) { try await store.take(Samples.request, for: request) }
        #expect(dynamoDB.requests.first?.limits.firstByte == firstByte)
        #expect(dynamoDB.requests.first?.limits.total == total)
    }

    @Test("The end of the request that waits for a call isn't DynamoDB's failure", arguments: [true, false])
    func endsWithRequest(isCanceled: Bool) async throws {
        let clock = Mutex(Samples.now * 1000)
        let request = TimedRequest(cancellation: Cancellation(), deadline: Samples.now * 1000 + 700)
        let transport = ScriptedDynamoDB([.error(.timeout)]) {
            if isCanceled { request.cancellation.cancel("the process ends") } else { clock.withLock { $0 += 700 } }
        }
        let store = Samples.store(transport) { clock.withLock { $0 } }
        let error = await #expect(throws: StoreError.self) { try await store.take(Samples.request, for: request) }
        #expect(error == .outOfTime && error?.isSilent == false)
        #expect(transport.requests.first?.cancellation?.reason?.kind == (isCanceled ? .canceled : nil))
        // Nothing more is sent for it.
        await #expect(throws: StoreError.outOfTime) { try await store.enter(Samples.lease(), for: request) }
        #expect(transport.requests.count == 1)
    }

    @Test("If a connection closes without a response, the call is sent once more")
    func asksAgain() async throws {
        let counted = ScriptedDynamoDB.Step.answer(200, #"{"Attributes":{"requests":{"N":"5"}}}"#)
        let (store, dynamoDB) = Samples.store(.error(.reset), counted)
        #expect(try await store.take(Samples.request) == .granted(Usage(requests: 5)))
        #expect(dynamoDB.bodies.count == 2 && Set(dynamoDB.bodies).count == 1)
        #expect(dynamoDB.requests[0].fields == dynamoDB.requests[1].fields)
        let (silent, twice) = Samples.store(.error(.reset), .error(.reset), counted)
        let error = await #expect(throws: StoreError.self) { try await silent.take(Samples.request) }
        #expect(error?.isSilent == true && twice.requests.count == 2)
    }

    @Test("A call that gives requests back is sent only once, because twice would open the limit")
    func givesBackOnce() async throws {
        let (store, dynamoDB) = Samples.store(.error(.reset), .answer(200, "{}"))
        await #expect(throws: StoreError.self) {
            try await store.add(Usage(requests: -1, tokens: 5), to: Samples.counter)
        }
        #expect(dynamoDB.requests.count == 1)
        let (adding, twice) = Samples.store(.error(.reset), .answer(200, "{}"))
        try await adding.add(Usage(tokens: 5), to: Samples.counter)
        #expect(twice.requests.count == 2)
    }

    @Test(
        "Other failed calls aren't sent again",
        arguments: [.timeout, .refused, .malformed] as [TransportError.Kind])
    func asksOnce(kind: TransportError.Kind) async throws {
        let (store, dynamoDB) = Samples.store(.error(kind), .answer(200, "{}"))
        await #expect(throws: StoreError.self) { try await store.add(Usage(tokens: 1), to: Samples.counter) }
        #expect(dynamoDB.requests.count == 1)
    }

    @Test("Without credentials nothing is sent")
    func needsCredentials() async throws {
        let dynamoDB = ScriptedDynamoDB([])
        let error = await #expect(throws: StoreError.self) {
            try await Samples.store(dynamoDB, credentials: nil).take(Samples.request)
        }
        #expect(error?.detail.contains("AWS_ACCESS_KEY_ID") == true)
        #expect(dynamoDB.requests.isEmpty)
    }
}
