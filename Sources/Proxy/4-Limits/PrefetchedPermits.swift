/// What this process knows of counters without asking the store: permits that it has taken in advance, and what is
/// used up.
///
/// Where only requests are counted and many may be made, a process takes as many in advance as it has used in this
/// period, but never more than a hundredth of the limit, or 50. They are counted when they are taken, so however many
/// processes there are, the limit is never exceeded; what they haven't used at the end of the period is lost.
///
/// `@unchecked Sendable`: used on the loop only.
final class PrefetchedPermits: @unchecked Sendable {
    fileprivate struct Entry {
        var left = 0
        var used = 0
        var known = Usage()
        var isUsedUp = false
    }

    private static let largestBatch = 50

    private var entries: [Counter: Entry] = [:]

    /// Nil if the store has to be asked.
    func result(_ counter: Counter, _ quotas: [Quota]) -> QuotaCheckResult? {
        guard var entry = entries[counter] else { return nil }
        if entry.left > 0, Self.canTakeAhead(quotas) {
            entry.left -= 1
            entry.used += 1
            entries[counter] = entry
            return .granted(entry.shown)
        }
        return entry.refusal(by: quotas)
    }

    /// What the store would say to a check of which it is known that it would be refused; nil for others.
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

    /// Of tokens and costs only the store knows what the others have used. So what a list has taken ahead of a counter
    /// that has such quotas is for lists only.
    private static func canTakeAhead(_ quotas: [Quota]) -> Bool {
        quotas.count == 1 && quotas[0].measure == .requests
    }

    func note(_ result: QuotaCheckResult, _ request: PermitRequest) -> QuotaCheckResult {
        if entries[request.counter] == nil { forget(before: request.counter) }
        var entry = entries[request.counter] ?? Entry()
        defer { entries[request.counter] = entry }
        switch result {
        case .refused(let used):
            entry.known = used
            entry.isUsedUp = true
            return .refused(used)
        case .granted(let used):
            entry.known = used
            entry.used += 1
            // The number of the last that was taken tells how many of them are below the quota; the first one is.
            let beyond = max(0, max(0, used.requests) - request.quotas.requests)
            entry.left += max(0, request.requests - beyond - 1)
            return .granted(entry.shown)
        }
    }

    /// Periods don't come back.
    private func forget(before counter: Counter) {
        entries = entries.filter {
            $0.key.scope != counter.scope || $0.key.period != counter.period || $0.key.start >= counter.start
        }
    }
}

extension PrefetchedPermits.Entry {
    /// Of one counter not all requests have the same quotas: another one may have been reached.
    fileprivate func refusal(by quotas: [Quota]) -> QuotaCheckResult? {
        isUsedUp && quotas.contains { known[$0.measure] >= $0.amount } ? .refused(known) : nil
    }

    /// What has been used, without what lies here for later.
    fileprivate var shown: Usage {
        var usage = known
        usage.requests -= left
        return usage
    }
}

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

/// Stops asking a store that didn't answer, so that not every request waits for its timeout.
///
/// `@unchecked Sendable`: used on the loop only.
final class StoreCircuitBreaker: @unchecked Sendable {
    /// How long the store isn't asked again. In milliseconds.
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
