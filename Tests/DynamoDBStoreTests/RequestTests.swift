import AWSSignature
import HTTPTypes
import Proxy
import Testing
import Transport

@testable import DynamoDBStore

@Suite struct RequestTests {
    private static let item = #"{"Attributes":{"requests":{"N":"2"}}}"#

    @Test("Taking requests adds to a counter if no quota is reached, and asks for its usage")
    func takes() async throws {
        let (store, dynamoDB) = Samples.store(.answer(200, Self.item))
        _ = try await store.take(Samples.request)
        #expect(
            dynamoDB.bodies == [
                ##"""
                {"TableName":"limits","Key":{"id":{"S":"key/a#minute#1795287600"}},\##
                "UpdateExpression":"ADD #requests :requests SET #expires = :expires",\##
                "ExpressionAttributeNames":{"#expires":"expires","#requests":"requests","#cost":"cost"},\##
                "ExpressionAttributeValues":{":expires":{"N":"1795291260"},":requests":{"N":"2"},\##
                ":requestsQuota":{"N":"10"},":costQuota":{"N":"500"}},"ReturnValues":"ALL_NEW",\##
                "ConditionExpression":"(attribute_not_exists(#requests) OR #requests < :requestsQuota) \##
                AND (attribute_not_exists(#cost) OR #cost < :costQuota)",\##
                "ReturnValuesOnConditionCheckFailure":"ALL_OLD"}
                """##
            ])
    }

    @Test("Taking without a quota has no condition, because DynamoDB refuses an empty one")
    func takesWithoutQuotas() async throws {
        let (store, dynamoDB) = Samples.store(.answer(200, Self.item))
        let unlimited = Usage(requests: .max, tokens: .max, cost: .max)
        _ = try await store.take(PermitRequest(Samples.counter, requests: 1, quotas: unlimited))
        #expect(dynamoDB.bodies.first?.contains("Condition") == false)
    }

    @Test(
        "A counter is kept for some time after its period, because responses can be long",
        arguments: [(Period.minute, 60 + 3600), (.day, 3 * 86_400), (.month, 32 * 86_400)] as [(Period, Int64)])
    func keeps(period: Period, seconds: Int64) async throws {
        let (store, dynamoDB) = Samples.store(.answer(200, "{}"))
        // 1 November 2026, a month of 30 days.
        let start: Int64 = 1_793_491_200
        try await store.add(Usage(tokens: 1), to: Counter("s", period, start: start))
        #expect(dynamoDB.bodies.first?.contains(#"":expires":{"N":"\#(start + seconds)"}"#) == true)
    }

    @Test("Usage that is known afterwards is added, without zeros")
    func adds() async throws {
        let (store, dynamoDB) = Samples.store(.answer(200, "{}"))
        try await store.add(Usage(tokens: 7, cost: -3), to: Samples.counter)
        try await store.add(Usage(), to: Samples.counter)
        #expect(
            dynamoDB.bodies == [
                ##"""
                {"TableName":"limits","Key":{"id":{"S":"key/a#minute#1795287600"}},\##
                "UpdateExpression":"ADD #tokens :tokens, #cost :cost SET #expires = :expires",\##
                "ExpressionAttributeNames":{"#expires":"expires","#tokens":"tokens","#cost":"cost"},\##
                "ExpressionAttributeValues":{":expires":{"N":"1795291260"},":tokens":{"N":"7"},":cost":{"N":"-3"}}}
                """##
            ])
    }

    @Test("A lease is added to a set that must have room, and is removed again")
    func entersAndLeaves() async throws {
        let (store, dynamoDB) = Samples.store(.answer(200, "{}"), .answer(200, "{}"))
        #expect(try await store.enter(Samples.lease()))
        try await store.leave(Samples.lease())
        #expect(
            dynamoDB.bodies == [
                ##"""
                {"TableName":"limits","Key":{"id":{"S":"key/a#open"}},\##
                "UpdateExpression":"ADD #leases :leases SET #expires = :expires",\##
                "ExpressionAttributeNames":{"#expires":"expires","#leases":"leases"},\##
                "ExpressionAttributeValues":{":expires":{"N":"1795461330"},":leases":{"SS":["1795288530:r-1"]},\##
                ":leasesQuota":{"N":"2"}},\##
                "ConditionExpression":"(attribute_not_exists(#leases) OR size(#leases) < :leasesQuota)",\##
                "ReturnValuesOnConditionCheckFailure":"ALL_OLD"}
                """##,
                ##"""
                {"TableName":"limits","Key":{"id":{"S":"key/a#open"}},\##
                "UpdateExpression":"DELETE #leases :leases SET #expires = :expires",\##
                "ExpressionAttributeNames":{"#expires":"expires","#leases":"leases"},\##
                "ExpressionAttributeValues":{":expires":{"N":"1795461330"},":leases":{"SS":["1795288530:r-1"]}}}
                """##,
            ])
    }

    @Test("A request is signed with the time and the session token, and has a timeout of a second")
    func signs() async throws {
        let (store, dynamoDB) = Samples.store(.answer(200, Self.item))
        _ = try await store.take(Samples.request)
        let request = try #require(dynamoDB.requests.first)
        #expect(request.method == .post)
        #expect(request.url == "https://dynamodb.eu-west-1.amazonaws.com/")
        #expect(request.fields[.contentType] == "application/x-amz-json-1.0")
        #expect(request.fields[.amzTarget] == "DynamoDB_20120810.UpdateItem")
        #expect(request.fields[values: .known("x-amz-date")] == ["20261121T190030Z"])
        #expect(request.fields[values: .known("x-amz-security-token")] == ["the-token"])
        let authorization = try #require(request.fields[.authorization])
        #expect(
            authorization.hasPrefix(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/dynamodb/aws4_request, "
                    + "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature="))
        #expect(request.limits.connect == 500)
        #expect(request.limits.firstByte == 1000)
    }

    @Test(
        "The signed host is the one that libcurl sends",
        arguments: [
            (nil, "https://dynamodb.eu-west-1.amazonaws.com/", "dynamodb.eu-west-1.amazonaws.com", "/"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/", "127.0.0.1:8000", "/"),
            ("http://localhost:80", "http://localhost:80/", "localhost", "/"),
            ("https://example.com:443", "https://example.com:443/", "example.com", "/"),
            ("https://example.com:80", "https://example.com:80/", "example.com:80", "/"),
            ("http://[::1]:8000/inner", "http://[::1]:8000/inner/", "[::1]:8000", "/inner/"),
        ] as [(String?, String, String, String)])
    func addresses(endpoint: String?, url: String, host: String, path: String) {
        let address = TableAddress(table: "limits", region: "eu-west-1", endpoint: endpoint)
        #expect(address.url == url)
        let parts = URLParts(address.url)
        #expect(parts.host == host)
        #expect(parts.path == path)
    }

    @Test("Regions in China have a domain of their own")
    func addressesChina() {
        let address = TableAddress(table: "limits", region: "cn-north-1", endpoint: nil)
        #expect(address.url == "https://dynamodb.cn-north-1.amazonaws.com.cn/")
    }
}
