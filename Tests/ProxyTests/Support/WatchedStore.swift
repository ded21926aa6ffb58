@testable import Proxy

/// A store that records the calls for leases.
///
/// `@unchecked Sendable`: used on the loop only.
final class WatchedStore: LimitStore, @unchecked Sendable {
    private let store: MemoryStore
    private(set) var notes: [String] = []

    init(_ store: MemoryStore) { self.store = store }

    func now() -> Int64 { store.now() }
    func take(_ request: PermitRequest) -> QuotaCheckResult { store.take(request) }
    func add(_ usage: Usage, to counter: Counter) { store.add(usage, to: counter) }

    func usage(of counter: Counter) -> Usage { store.usage(of: counter) }
    func openLeases(of scope: String) -> Int { store.openLeases(of: scope) }

    func enter(_ lease: Lease) -> Bool {
        notes.append("enter \(lease.scope)")
        return store.enter(lease)
    }

    func leave(_ lease: Lease) {
        notes.append("leave \(lease.scope)")
        store.leave(lease)
    }
}
