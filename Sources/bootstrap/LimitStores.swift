import AWSSignature
import DynamoDBStore
import Proxy
import Transport

/// Makes the store that the table asks for.
enum LimitStores {
    /// - Parameter now: the time in milliseconds since 1970.
    static func store(
        of settings: Settings, _ environment: [String: String], over transport: any HTTPTransport,
        now: @escaping @Sendable () -> Int64
    ) -> any LimitStore {
        switch settings.store {
        case .memory: MemoryStore(now: now)
        case .dynamoDB(let table, let region, let endpoint):
            DynamoDBStore(
                table: table, region: region ?? environment["AWS_REGION"] ?? "us-east-1", endpoint: endpoint,
                AWSCredentials(environment), over: transport, now: now)
        }
    }
}
