import Transport

@testable import Proxy

/// A store in memory that fails when the test says so, and records what was added.
///
/// `@unchecked Sendable`: used on the loop only.
final class FlakyStore: LimitStore, @unchecked Sendable {
    static let error = StoreError("nobody is there", isSilent: false)

    private let store: MemoryStore
    /// How they fail.
    var error = FlakyStore.error
    /// Whether calls for the counters and leases of a scope fail.
    var fails: (_ scope: String) -> Bool = { _ in false }
    var failsToAdd = false
    /// What has been added in each scope, in order.
    private(set) var added: [String: [Usage]] = [:]

    init(_ loop: ManualLoop) { store = MemoryStore { loop.now } }

    func now() -> Int64 { store.now() }

    func take(_ permits: PermitRequest, for request: TimedRequest? = nil) async throws(StoreError) -> QuotaCheckResult {
        try check(permits.counter.scope)
        return store.take(permits)
    }

    func add(_ usage: Usage, to counter: Counter, for request: TimedRequest? = nil) async throws(StoreError) {
        try check(counter.scope)
        if failsToAdd { throw error }
        added[counter.scope, default: []].append(usage)
        store.add(usage, to: counter)
    }

    func enter(_ lease: Lease, for request: TimedRequest? = nil) async throws(StoreError) -> Bool {
        try check(lease.scope)
        return store.enter(lease)
    }

    func leave(_ lease: Lease, for request: TimedRequest? = nil) async throws(StoreError) {
        try check(lease.scope)
        store.leave(lease)
    }

    func usage(of counter: Counter, for request: TimedRequest? = nil) async throws(StoreError) -> Usage {
        try check(counter.scope)
        return store.usage(of: counter)
    }

    func openLeases(of scope: String, for request: TimedRequest? = nil) async throws(StoreError) -> Int {
        try check(scope)
        return store.openLeases(of: scope)
    }

    private func check(_ scope: String) throws(StoreError) { if fails(scope) { throw error } }
}
