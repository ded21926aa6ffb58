/// Where it is counted what has been used. Each call is atomic, whoever else counts there.
package protocol LimitStore: Sendable {
    /// The time by which all who count here agree what period it is. In milliseconds since 1970.
    func now() -> Int64

    /// Counts requests, unless one of the quotas has been reached.
    ///
    /// More than one may be asked for in advance: of those beyond the quota none is anybody's.
    func take(_ request: PermitRequest) async throws(StoreError) -> QuotaCheckResult

    /// Counts what is known only afterwards. Negative numbers take back.
    func add(_ usage: Usage, to counter: Counter) async throws(StoreError)

    /// Notes that a request is open, unless as many are as may be. Leases that have ended don't count.
    /// - Returns: whether it may be.
    func enter(_ lease: Lease) async throws(StoreError) -> Bool

    /// Notes that the request is no longer open.
    func leave(_ lease: Lease) async throws(StoreError)
}
