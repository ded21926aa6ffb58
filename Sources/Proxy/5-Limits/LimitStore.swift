package import Transport

/// Where usage is counted. Each call is atomic, even if other processes use the same store.
///
/// A call for a request throws `StoreError.outOfTime` when the request can't wait any longer. It may have been carried
/// out, as with any error.
package protocol LimitStore: Sendable {
    /// The time that decides which period it is, the same for all processes that use the store. In milliseconds since
    /// 1970.
    func now() -> Int64

    /// Counts requests, unless one of the quotas has been reached.
    ///
    /// More than one may be requested in advance; those beyond the quota must not be used.
    func take(_ permits: PermitRequest, for request: TimedRequest?) async throws(StoreError) -> QuotaCheckResult

    /// Adds usage that is known only afterwards. Negative numbers give back.
    func add(_ usage: Usage, to counter: Counter, for request: TimedRequest?) async throws(StoreError)

    /// Opens a lease, unless the maximum is open already. Expired leases don't count.
    /// - Returns: whether the lease was opened.
    func enter(_ lease: Lease, for request: TimedRequest?) async throws(StoreError) -> Bool

    /// Closes a lease.
    func leave(_ lease: Lease, for request: TimedRequest?) async throws(StoreError)

    /// Reads what has been used, for people: it may be a second old.
    func usage(of counter: Counter, for request: TimedRequest?) async throws(StoreError) -> Usage

    /// Reads how many leases of a scope are open, for people.
    func openLeases(of scope: String, for request: TimedRequest?) async throws(StoreError) -> Int
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

    /// Whether it is one of the counters of users, of which there may be any number.
    var isOfUser: Bool { Scope.isOfUser(scope) }
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
    /// What the store did in the end isn't known, and says nothing about its health.
    package static let outOfTime = StoreError("the request couldn't wait for it any longer", isSilent: false)

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
    /// Anybody may be a user, so only the counters that were used last are kept. Each takes 200 to 1,000 bytes.
    private var usedByUsers = RecentEntries<Counter, Usage>(most: mostOfUsers)
    /// Those of minutes are apart, because there is a new one each minute, which would replace those of days and
    /// months.
    private var minutesOfUsers = RecentEntries<Counter, Usage>(most: mostOfUsers)
    private var leases: [String: Set<Lease>] = [:]
    /// When the counters of past periods are next removed. In seconds since 1970.
    private var nextCleaning: Int64 = 0
    /// Kept this much longer, in case the clock is set back. In seconds.
    private static let grace: Int64 = 120
    private static let mostOfUsers = 20_000

    /// - Parameter now: the time in milliseconds since 1970.
    package init(now: @escaping @Sendable () -> Int64) { clock = now }

    package func now() -> Int64 { clock() }

    package func take(_ permits: PermitRequest, for request: TimedRequest? = nil) -> QuotaCheckResult {
        clean()
        var usage = used(in: permits.counter)
        let most = permits.quotas
        guard usage.requests < most.requests, usage.tokens < most.tokens, usage.cost < most.cost else {
            return .refused(usage)
        }
        usage.requests += permits.requests
        set(usage, in: permits.counter)
        return .granted(usage)
    }

    package func add(_ usage: Usage, to counter: Counter, for request: TimedRequest? = nil) {
        var sum = used(in: counter)
        sum += usage
        set(sum, in: counter)
    }

    package func usage(of counter: Counter, for request: TimedRequest? = nil) -> Usage { used(in: counter) }

    private func used(in counter: Counter) -> Usage {
        guard counter.isOfUser else { return used[counter] ?? Usage() }
        return (counter.period == .minute ? minutesOfUsers[counter] : usedByUsers[counter]) ?? Usage()
    }

    private func set(_ usage: Usage, in counter: Counter) {
        guard counter.isOfUser else { return used[counter] = usage }
        if counter.period == .minute { minutesOfUsers[counter] = usage } else { usedByUsers[counter] = usage }
    }

    package func enter(_ lease: Lease, for request: TimedRequest? = nil) -> Bool {
        let open = open(of: lease.scope)
        guard open.count < lease.quota else { return false }
        leases[lease.scope] = open.union([lease])
        return true
    }

    package func leave(_ lease: Lease, for request: TimedRequest? = nil) {
        leases[lease.scope]?.remove(lease)
        if leases[lease.scope]?.isEmpty == true { leases[lease.scope] = nil }
    }

    package func openLeases(of scope: String, for request: TimedRequest? = nil) -> Int { open(of: scope).count }

    private func open(of scope: String) -> Set<Lease> {
        let now = clock() / 1000
        return leases[scope, default: []].filter { $0.expires + Self.grace > now }
    }

    private func clean() {
        let now = clock() / 1000
        guard now >= nextCleaning else { return }
        nextCleaning = now + 60
        used = used.filter { $0.key.end + Self.grace > now }
    }
}
