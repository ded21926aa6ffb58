/// Where it is counted what has been used. Each call is atomic, whoever else counts there.
package protocol LimitStore: Sendable {
    /// The time by which all who count here agree what period it is. In milliseconds since 1970.
    func now() -> Int64

    /// Counts requests, unless one of the ceilings has been reached.
    ///
    /// More than one may be asked for in advance: of those beyond the ceiling none is anybody's.
    func take(_ demand: Demand) async throws(StoreError) -> Grant

    /// Counts what is known only afterwards. Negative numbers take back.
    func add(_ amounts: Amounts, to counter: Counter) async throws(StoreError)

    /// Notes that a request is open, unless as many are as may be. Leases that have ended don't count.
    /// - Returns: whether it may be.
    func enter(_ lease: Lease) async throws(StoreError) -> Bool

    /// Notes that the request is no longer open.
    func leave(_ lease: Lease) async throws(StoreError)
}

/// What is counted together: all that one scope uses in one period.
package struct Counter: Sendable, Hashable {
    /// Whose it is: see `Scope`.
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

/// What has been used, or may be.
package struct Amounts: Sendable, Equatable {
    package var requests = 0
    package var tokens = 0
    /// In billionths of a dollar.
    package var cost = 0

    package init(requests: Int = 0, tokens: Int = 0, cost: Int = 0) {
        self.requests = requests
        self.tokens = tokens
        self.cost = cost
    }
}

package struct Demand: Sendable, Equatable {
    package let counter: Counter
    /// How many requests to count, at least 1.
    package let requests: Int
    /// Nothing is counted where as much has been used; `Int.max` for no such limit.
    package let ceilings: Amounts

    package init(_ counter: Counter, requests: Int, ceilings: Amounts) {
        self.counter = counter
        self.requests = requests
        self.ceilings = ceilings
    }
}

package enum Grant: Sendable, Equatable {
    /// Counted. With what has been used now, these requests included.
    case granted(Amounts)
    /// Not counted, with what has been used.
    case refused(Amounts)
}

/// A request that is open, for no longer than it can be.
package struct Lease: Sendable, Hashable {
    package let scope: String
    /// Of the request.
    package let id: String
    /// How many may be open, this one included.
    package let ceiling: Int
    /// By then it isn't open any more, whatever has become of its process. In seconds since 1970.
    package let expires: Int64

    package init(_ scope: String, id: String, ceiling: Int, expires: Int64) {
        self.scope = scope
        self.id = id
        self.ceiling = ceiling
        self.expires = expires
    }
}

/// Why it couldn't be counted.
package struct StoreError: Error, Equatable {
    /// For the owner's log: what happened, and what to do. No secrets.
    package let detail: String
    /// Whether the store has said nothing at all, so that the next call would wait in vain too.
    package let isSilent: Bool

    package init(_ detail: String, isSilent: Bool) {
        self.detail = detail
        self.isSilent = isSilent
    }
}
