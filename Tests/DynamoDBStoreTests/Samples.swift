import AWSSignature
import DynamoDBStore
import Proxy
import Transport

/// The arguments of the tests' calls.
enum Samples {
    /// Sat, 21 Nov 2026 19:00:30 GMT. In seconds since 1970.
    static let now: Int64 = 1_795_287_630
    static let counter = Counter("key/a", .minute, start: now - 30)
    static let request = PermitRequest(counter, requests: 2, quotas: Usage(requests: 10, tokens: .max, cost: 500))

    static func lease(_ id: String = "r-1", quota: Int = 2) -> Lease {
        Lease("key/a", id: id, quota: quota, expires: now + 900)
    }

    static let credentials = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "the-secret-key", sessionToken: "the-token")

    static func store(
        _ transport: any HTTPTransport, endpoint: String? = nil, credentials: AWSCredentials? = credentials,
        now: @escaping @Sendable () -> Int64 = { Samples.now * 1000 }
    ) -> DynamoDBStore {
        DynamoDBStore(
            table: "limits", region: "eu-west-1", endpoint: endpoint, credentials, over: transport, now: now)
    }

    static func store(_ steps: ScriptedDynamoDB.Step...) -> (DynamoDBStore, ScriptedDynamoDB) {
        let transport = ScriptedDynamoDB(steps)
        return (store(transport), transport)
    }
}
