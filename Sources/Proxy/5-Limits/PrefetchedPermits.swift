/// What this process knows about counters without asking the store: permits that it has taken in advance, and which
/// quotas are used up.
///
/// If only requests are counted and the quota is large, a process takes as many permits in advance as it has used in
/// this period, but at most a hundredth of the quota and at most 50. They are counted when they are taken, so the quota
/// is never exceeded, however many processes there are. Permits that are left at the end of the period are lost.
///
/// `@unchecked Sendable`: used on the loop only.
final class PrefetchedPermits: @unchecked Sendable {
    fileprivate struct Entry {
        var left = 0
        /// With which the permits that are left were taken.
        var quota = 0
        var used = 0
        var known = Usage()
        var isUsedUp = false
    }

    private static let largestBatch = 50
    /// Anybody may be a user, and has counters. Each takes about 200 bytes.
    private static let mostCounters = 10_000

    private var entries = RecentEntries<Counter, Entry>(most: mostCounters)

    /// Nil if the store has to be asked.
    func result(_ counter: Counter, _ quotas: [Quota]) -> QuotaCheckResult? {
        guard var entry = entries[counter] else { return nil }
        // A user may have had a plan with a higher quota before.
        if entry.left > 0, Self.canTakeAhead(quotas), entry.quota <= quotas[0].amount {
            entry.left -= 1
            entry.used += 1
            entries[counter] = entry
            return .granted(entry.shown)
        }
        return entry.refusal(by: quotas)
    }

    /// The store's result for a check that is known to be refused; nil if that isn't known.
    func refusal(of check: QuotaCheck) -> QuotaCheckResult? {
        guard case .counter(let counter, _, let quotas) = check, let entry = entries[counter],
            entry.left <= 0 || !Self.canTakeAhead(quotas)
        else { return nil }
        return entry.refusal(by: quotas)
    }

    /// Something was given back, so the store has to be asked again.
    func hasRoom(_ counter: Counter) { entries[counter]?.isUsedUp = false }

    /// How many requests to ask the store for.
    func batch(of counter: Counter, _ quotas: [Quota]) -> Int {
        guard Self.canTakeAhead(quotas) else { return 1 }
        return max(1, min(entries[counter]?.used ?? 0, quotas[0].amount / 100, Self.largestBatch))
    }

    /// Only the store knows the tokens and costs that other processes have used. So permits that a request for a list
    /// of models has taken from a counter with such quotas serve only further lists.
    private static func canTakeAhead(_ quotas: [Quota]) -> Bool {
        quotas.count == 1 && quotas[0].measure == .requests
    }

    func note(_ result: QuotaCheckResult, _ request: PermitRequest) -> QuotaCheckResult {
        var entry = entries[request.counter] ?? Entry()
        defer { entries[request.counter] = entry }
        switch result {
        case .refused(let used):
            entry.known = used
            entry.isUsedUp = true
            return .refused(used)
        case .granted(let used):
            entry.known = used
            entry.quota = request.quotas.requests
            entry.used += 1
            // The new count tells how many of the permits are below the quota; the first one always is.
            let beyond = max(0, max(0, used.requests) - request.quotas.requests)
            entry.left += max(0, request.requests - beyond - 1)
            return .granted(entry.shown)
        }
    }

    /// How many permits are left, which the store has counted but no request has used.
    func left(of counter: Counter) -> Int { entries[counter]?.left ?? 0 }
}

extension PrefetchedPermits.Entry {
    /// Requests that share a counter may have different quotas, and another one may have been reached.
    fileprivate func refusal(by quotas: [Quota]) -> QuotaCheckResult? {
        isUsedUp && quotas.contains { known[$0.measure] >= $0.amount } ? .refused(known) : nil
    }

    /// What has been used, without the permits that are left.
    fileprivate var shown: Usage {
        var usage = known
        usage.requests -= left
        return usage
    }
}

/// Usage that couldn't be added to its counters. The next call for each counter adds it.
///
/// `@unchecked Sendable`: used on the loop only.
final class DeferredUsage: @unchecked Sendable {
    /// The most counters that are remembered; usage for further ones is lost.
    static let most = 10_000
    /// Kept this much longer, in case the clock is set back. In seconds.
    private static let grace: Int64 = 120

    private var owed: [Counter: Usage] = [:]
    /// When the counters of past periods are next removed, if there are too many. In seconds since 1970.
    private var nextCleaning: Int64 = 0

    /// Removes and returns what is owed to a counter. The caller must add it to the store or note it again.
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

/// Stops asking a store that didn't answer, so that not every request waits for the timeout.
///
/// `@unchecked Sendable`: used on the loop only.
final class StoreCircuitBreaker: @unchecked Sendable {
    /// How long the store isn't asked. In milliseconds.
    private static let pause: Int64 = 5000

    private var began: Int64?

    /// - Parameter now: in milliseconds since 1970.
    func note(_ error: StoreError, at now: Int64) {
        if error.isSilent { began = now }
    }

    /// Why the store isn't asked now; nil if it is.
    func error(at now: Int64) -> StoreError? {
        // A clock that was set back must not lengthen the pause.
        guard let began, (0..<Self.pause).contains(now - began) else { return nil }
        return StoreError(
            "it didn't answer \(now - began) ms ago, and is asked again after \(Self.pause) ms", isSilent: false)
    }
}
