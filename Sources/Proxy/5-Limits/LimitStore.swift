/// Where usage is counted. Each call is atomic, even if other processes use the same store.
package protocol LimitStore: Sendable {
    /// The time that decides which period it is, the same for all processes that use the store. In milliseconds since
    /// 1970.
    func now() -> Int64

    /// Counts requests, unless one of the quotas has been reached.
    ///
    /// More than one may be requested in advance; those beyond the quota must not be used.
    func take(_ request: PermitRequest) async throws(StoreError) -> QuotaCheckResult

    /// Adds usage that is known only afterwards. Negative numbers give back.
    func add(_ usage: Usage, to counter: Counter) async throws(StoreError)

    /// Opens a lease, unless the maximum is open already. Expired leases don't count.
    /// - Returns: whether the lease was opened.
    func enter(_ lease: Lease) async throws(StoreError) -> Bool

    /// Closes a lease.
    func leave(_ lease: Lease) async throws(StoreError)
}

/// A call that counts requests in one counter, unless a quota has been reached.
package struct PermitRequest: Sendable, Equatable {
    package let counter: Counter
    /// How many requests to count, at least 1.
    package let requests: Int
    /// Nothing is counted if one of these amounts has been used; `Int.max` for no quota.
    package let quotas: Usage

    package init(_ counter: Counter, requests: Int, quotas: Usage) {
        self.counter = counter
        self.requests = requests
        self.quotas = quotas
    }
}

/// One counter in the store: what a scope uses in one period.
package struct Counter: Sendable, Hashable {
    /// The text of a `Scope`.
    package let scope: String
    package let period: Period
    /// In seconds since 1970.
    package let start: Int64

    package init(_ scope: String, _ period: Period, start: Int64) {
        self.scope = scope
        self.period = period
        self.start = start
    }

    /// When the period ends. In seconds since 1970.
    package var end: Int64 { period.end(at: start) }
}

/// One open request. It expires when the request must have ended.
package struct Lease: Sendable, Hashable {
    package let scope: String
    /// The request's id.
    package let id: String
    /// How many may be open, this one included.
    package let quota: Int
    /// After that it no longer counts as open, since its process may have crashed. In seconds since 1970.
    package let expires: Int64

    package init(_ scope: String, id: String, quota: Int, expires: Int64) {
        self.scope = scope
        self.id = id
        self.quota = quota
        self.expires = expires
    }
}

/// Why a store couldn't do what it was asked for.
package struct StoreError: Error, Equatable {
    /// For the owner's log: what happened, and what to do. No secrets.
    package let detail: String
    /// Whether the store didn't answer at all, so the next call would probably time out too.
    package let isSilent: Bool

    package init(_ detail: String, isSilent: Bool) {
        self.detail = detail
        self.isSilent = isSilent
    }
}

/// Counts in this process only, which is enough if there is only one process.
///
/// `@unchecked Sendable`: used on the loop only.
package final class MemoryStore: LimitStore, @unchecked Sendable {
    private let clock: @Sendable () -> Int64
    private var used: [Counter: Usage] = [:]
    private var leases: [String: Set<Lease>] = [:]
    /// When the counters of past periods are next removed. In seconds since 1970.
    private var nextCleaning: Int64 = 0
    /// Kept this much longer, in case the clock is set back. In seconds.
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
