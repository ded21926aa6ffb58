import Transport

@testable import Proxy

/// A store that records the calls for leases.
///
/// `@unchecked Sendable`: used on the loop only.
final class WatchedStore: LimitStore, @unchecked Sendable {
    private let store: MemoryStore
    private(set) var notes: [String] = []

    init(_ store: MemoryStore) { self.store = store }

    func now() -> Int64 { store.now() }
    func take(_ permits: PermitRequest, for request: TimedRequest? = nil) -> QuotaCheckResult { store.take(permits) }
    func add(_ usage: Usage, to counter: Counter, for request: TimedRequest? = nil) { store.add(usage, to: counter) }

    func usage(of counter: Counter, for request: TimedRequest? = nil) -> Usage { store.usage(of: counter) }
    func openLeases(of scope: String, for request: TimedRequest? = nil) -> Int { store.openLeases(of: scope) }

    func enter(_ lease: Lease, for request: TimedRequest? = nil) -> Bool {
        notes.append("enter \(lease.scope)")
        return store.enter(lease)
    }

    func leave(_ lease: Lease, for request: TimedRequest? = nil) {
        notes.append("leave \(lease.scope)")
        store.leave(lease)
    }
}
