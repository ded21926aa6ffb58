package import AWSSignature
package import Proxy
package import Transport

/// Counts in a table of DynamoDB, together with all others that use it: docs/decisions/0019.
package struct DynamoDBStore: LimitStore {
    private let client: DynamoDBClient
    private let clock: AgreedClock

    /// - Parameters:
    ///   - endpoint: the URL, without a slash at its end; nil for AWS's own.
    ///   - credentials: nil if there are none, which each call says.
    ///   - now: the time in milliseconds since 1970, as far as this machine knows.
    package init(
        table: String, region: String, endpoint: String?, _ credentials: AWSCredentials?,
        over transport: any HTTPTransport, now: @escaping @Sendable () -> Int64
    ) {
        clock = AgreedClock(now)
        client = DynamoDBClient(
            TableAddress(table: table, region: region, endpoint: endpoint), credentials, over: transport, clock: clock)
    }

    package func now() -> Int64 { clock.now() }

    package func take(_ demand: Demand) async throws(StoreError) -> Grant {
        let answer = try await client.send(ItemUpdate(taking: demand))
        guard let amounts = answer.item?.amounts else { throw client.nonsense }
        let most = demand.ceilings
        guard answer.isRefusal else {
            // What was there before is below the ceiling: that was the condition.
            guard amounts.requests - demand.requests < most.requests else { throw client.nonsense }
            return .granted(amounts)
        }
        guard amounts.requests >= most.requests || amounts.tokens >= most.tokens || amounts.cost >= most.cost else {
            throw client.nonsense
        }
        return .refused(amounts)
    }

    package func add(_ amounts: Amounts, to counter: Counter) async throws(StoreError) {
        guard amounts != Amounts() else { return }
        let answer = try await client.send(
            ItemUpdate(adding: amounts, to: counter), isRepeatable: !amounts.givesBack)
        guard !answer.isRefusal else { throw client.nonsense }
    }

    package func enter(_ lease: Lease) async throws(StoreError) -> Bool {
        var answer = try await client.send(ItemUpdate(entering: lease))
        for _ in 0..<Self.replacements where answer.isRefusal {
            let found = answer.item?.leases ?? []
            // The same request was sent before, and its answer was lost.
            if found.contains(LeaseMember(lease).text) { return true }
            let open = found.filter { LeaseMember($0).isOpen(at: now() / 1000) }
            guard open.count < lease.ceiling else { return false }
            answer = try await client.send(ItemUpdate(entering: lease, among: open, inPlaceOf: found))
        }
        return !answer.isRefusal
    }

    /// How often leases that have expired may be replaced before the request is refused: whoever tries it at the same
    /// time may be first.
    private static let replacements = 3

    package func leave(_ lease: Lease) async throws(StoreError) {
        let answer = try await client.send(ItemUpdate(leaving: lease))
        guard !answer.isRefusal else { throw client.nonsense }
    }
}
