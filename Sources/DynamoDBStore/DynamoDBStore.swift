package import AWSSignature
import Calendar
import HTTPTypes
package import Proxy
import Synchronization
package import Transport

/// Counts in a DynamoDB table, which all environments share: docs/decisions/0019.
package struct DynamoDBStore: LimitStore {
    let client: DynamoDBClient
    let clock: SynchronizedClock

    /// - Parameters:
    ///   - endpoint: the URL, without a slash at its end; nil for AWS's own.
    ///   - credentials: nil if there are none; then each call throws an error that says so.
    ///   - now: this machine's time, in milliseconds since 1970.
    package init(
        table: String, region: String, endpoint: String?, _ credentials: AWSCredentials?,
        over transport: any HTTPTransport, now: @escaping @Sendable () -> Int64
    ) {
        clock = SynchronizedClock(now)
        client = DynamoDBClient(
            TableAddress(table: table, region: region, endpoint: endpoint), credentials, over: transport, clock: clock)
    }

    package func now() -> Int64 { clock.now() }

    /// - Parameter isRepeatable: whether the update may safely be applied twice.
    private func send(
        _ update: ItemUpdate, isRepeatable: Bool = true, for request: TimedRequest?
    ) async throws(StoreError) -> ItemResponse<UsageItem> {
        let call = TableCall(.update, update.members, isRepeatable: isRepeatable, for: request)
        return try await client.send(call, reading: UsageItem.self)
    }

    package func take(
        _ permits: PermitRequest, for request: TimedRequest? = nil
    ) async throws(StoreError) -> QuotaCheckResult {
        let answer = try await send(ItemUpdate(taking: permits), for: request)
        guard let usage = answer.item?.usage else { throw client.nonsense }
        let most = permits.quotas
        guard answer.isRefusal else {
            // The condition was that the count before the update is below the quota.
            guard usage.requests - permits.requests < most.requests else { throw client.nonsense }
            return .granted(usage)
        }
        guard usage.requests >= most.requests || usage.tokens >= most.tokens || usage.cost >= most.cost else {
            throw client.nonsense
        }
        return .refused(usage)
    }

    package func add(_ usage: Usage, to counter: Counter, for request: TimedRequest? = nil) async throws(StoreError) {
        guard usage != Usage() else { return }
        let answer = try await send(
            ItemUpdate(adding: usage, to: counter), isRepeatable: !usage.givesBack, for: request)
        guard !answer.isRefusal else { throw client.nonsense }
    }

    package func enter(_ lease: Lease, for request: TimedRequest? = nil) async throws(StoreError) -> Bool {
        var answer = try await send(ItemUpdate(entering: lease), for: request)
        var tries = 0
        while answer.isRefusal {
            let found = answer.item?.leases ?? []
            // The same request was sent before, and its response was lost.
            if found.contains(LeaseMember(lease).text) { return true }
            let open = found.filter { LeaseMember($0).isOpen(at: now() / 1000) }
            guard open.count < lease.quota, tries < Self.replacements else { return false }
            tries += 1
            answer = try await send(ItemUpdate(entering: lease, among: open, inPlaceOf: found), for: request)
        }
        return true
    }

    /// How often to try to replace expired leases before the request is refused. A try fails if another process
    /// replaces them at the same time.
    private static let replacements = 3

    package func usage(of counter: Counter, for request: TimedRequest? = nil) async throws(StoreError) -> Usage {
        try await item(counter.itemID, for: request)?.usage ?? Usage()
    }

    package func openLeases(of scope: String, for request: TimedRequest? = nil) async throws(StoreError) -> Int {
        let leases = try await item(Lease.itemID(of: scope), for: request)?.leases ?? []
        return leases.count { LeaseMember($0).isOpen(at: now() / 1000) }
    }

    private func item(_ id: String, for request: TimedRequest?) async throws(StoreError) -> UsageItem? {
        var call = TableCall.get(id, isConsistent: false)
        call.request = request
        return try await client.send(call, reading: UsageItem.self).item
    }

    package func leave(_ lease: Lease, for request: TimedRequest? = nil) async throws(StoreError) {
        let answer = try await send(ItemUpdate(leaving: lease), for: request)
        guard !answer.isRefusal else { throw client.nonsense }
    }
}

/// The local clock, corrected by DynamoDB's, so that processes with different clocks count in the same periods.
final class SynchronizedClock: Sendable {
    /// The time on this machine. In milliseconds since 1970.
    let local: @Sendable () -> Int64
    private let offset = Atomic<Int64>(0)

    init(_ local: @escaping @Sendable () -> Int64) { self.local = local }

    func now() -> Int64 { local() + offset.load(ordering: .relaxed) }

    /// Adjusts to the date of a response.
    /// - Parameter sent: when the request was sent, by the local clock. A response that waited while the process was
    ///   frozen is ignored.
    func learn(from fields: HTTPFields, sent: Int64) {
        let received = local()
        guard (0...Self.tolerance).contains(received - sent), let text = fields.value(of: .date),
            let date = HTTPDate.seconds(text), date > Self.earliest
        else { return }
        // The date has whole seconds, so assume the middle of that second.
        let difference = date * 1000 + 500 - received
        guard abs(difference - offset.load(ordering: .relaxed)) > Self.tolerance else { return }
        offset.store(difference, ordering: .relaxed)
    }

    /// The deviation that rounding and network delay may cause with a correct clock. In milliseconds.
    private static let tolerance: Int64 = 2000
    /// 2020: an earlier date can't be right. In seconds since 1970.
    private static let earliest: Int64 = 1_577_836_800
}
