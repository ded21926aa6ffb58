/// Counts in this process only, which is enough where there is but one.
///
/// `@unchecked Sendable`: used on the loop only.
package final class MemoryStore: LimitStore, @unchecked Sendable {
    private let clock: @Sendable () -> Int64
    private var used: [Counter: Usage] = [:]
    private var leases: [String: Set<Lease>] = [:]
    /// When the counters of periods that have ended are let go. In seconds since 1970.
    private var nextCleaning: Int64 = 0
    /// A clock that is set back finds its counters again. In seconds.
    private static let grace: Int64 = 120

    /// - Parameter now: the time in milliseconds since 1970.
    package init(now: @escaping @Sendable () -> Int64) { clock = now }

    package func now() -> Int64 { clock() }

    package func take(_ request: PermitRequest) -> QuotaCheckResult {
        clean()
        var usage = used[request.counter, default: Usage()]
        let most = request.quotas
        guard usage.requests < most.requests, usage.tokens < most.tokens, usage.cost < most.cost else {
            return .refused(usage)
        }
        usage.requests += request.requests
        used[request.counter] = usage
        return .granted(usage)
    }

    package func add(_ usage: Usage, to counter: Counter) {
        used[counter, default: Usage()] += usage
    }

    package func enter(_ lease: Lease) -> Bool {
        let now = clock() / 1000
        let open = leases[lease.scope, default: []].filter { $0.expires + Self.grace > now }
        guard open.count < lease.quota else { return false }
        leases[lease.scope] = open.union([lease])
        return true
    }

    package func leave(_ lease: Lease) { leases[lease.scope]?.remove(lease) }

    private func clean() {
        let now = clock() / 1000
        guard now >= nextCleaning else { return }
        nextCleaning = now + 60
        used = used.filter { $0.key.end + Self.grace > now }
    }
}
