/// Usage that couldn't be added to its counters. It is added with the next call for each of them.
///
/// `@unchecked Sendable`: used on the loop only.
final class DeferredUsage: @unchecked Sendable {
    /// How many counters may be owed something; beyond it nothing more is remembered.
    static let most = 10_000
    /// A clock that is set back finds its counters again. In seconds.
    private static let grace: Int64 = 120

    private var owed: [Counter: Usage] = [:]
    /// When the counters of periods that have ended are let go, if there are too many. In seconds since 1970.
    private var nextCleaning: Int64 = 0

    /// Takes out what is owed to a counter: whoever takes it adds it, or notes it again.
    func take(_ counter: Counter) -> Usage { owed.removeValue(forKey: counter) ?? Usage() }

    /// - Parameter now: in seconds since 1970.
    func note(_ usage: Usage, to counter: Counter, at now: Int64) {
        guard usage != Usage() else { return }
        if owed.count >= Self.most { clean(at: now) }
        guard owed.count < Self.most || owed[counter] != nil else { return }
        owed[counter, default: Usage()] += usage
    }

    private func clean(at now: Int64) {
        guard now >= nextCleaning else { return }
        nextCleaning = now + 60
        owed = owed.filter { $0.key.end + Self.grace > now }
    }
}
