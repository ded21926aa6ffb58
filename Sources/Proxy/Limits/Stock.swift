/// What this process knows of counters without asking the store: permits that it has taken in advance, and what is
/// used up.
///
/// Where only requests are counted and many may be made, a process takes as many in advance as it has used in this
/// period, but never more than a hundredth of the limit, or 50. They are counted when they are taken, so however many
/// processes there are, the limit is never exceeded; what they haven't used at the end of the period is lost.
///
/// `@unchecked Sendable`: used on the loop only.
final class Stock: @unchecked Sendable {
    fileprivate struct Entry {
        var left = 0
        var used = 0
        var known = Amounts()
        var isUsedUp = false
    }

    private static let largestBatch = 50

    private var entries: [Counter: Entry] = [:]

    /// Nil if the store has to be asked.
    func verdict(_ counter: Counter, _ ceilings: [Ceiling]) -> Verdict? {
        guard var entry = entries[counter] else { return nil }
        if entry.left > 0, Self.canTakeAhead(ceilings) {
            entry.left -= 1
            entry.used += 1
            entries[counter] = entry
            return .granted(entry.shown)
        }
        return entry.refusal(by: ceilings)
    }

    /// What the store would say to a claim of which it is known that it would be refused; nil for others.
    func refusal(of claim: Claim) -> Verdict? {
        guard case .counter(let counter, _, let ceilings) = claim, let entry = entries[counter],
            entry.left <= 0 || !Self.canTakeAhead(ceilings)
        else { return nil }
        return entry.refusal(by: ceilings)
    }

    /// Something was given back, so the store has to be asked again.
    func hasRoom(_ counter: Counter) { entries[counter]?.isUsedUp = false }

    /// How many requests to ask the store for.
    func batch(of counter: Counter, _ ceilings: [Ceiling]) -> Int {
        guard Self.canTakeAhead(ceilings) else { return 1 }
        return max(1, min(entries[counter]?.used ?? 0, ceilings[0].amount / 100, Self.largestBatch))
    }

    /// Of tokens and costs only the store knows what the others have used. So what a list has taken ahead of a counter
    /// that has such ceilings is for lists only.
    private static func canTakeAhead(_ ceilings: [Ceiling]) -> Bool {
        ceilings.count == 1 && ceilings[0].measure == .requests
    }

    func note(_ grant: Grant, _ demand: Demand) -> Verdict {
        if entries[demand.counter] == nil { forget(before: demand.counter) }
        var entry = entries[demand.counter] ?? Entry()
        defer { entries[demand.counter] = entry }
        switch grant {
        case .refused(let used):
            entry.known = used
            entry.isUsedUp = true
            return .refused(used)
        case .granted(let used):
            entry.known = used
            entry.used += 1
            // The number of the last that was taken tells how many of them are below the ceiling; the first one is.
            let beyond = max(0, max(0, used.requests) - demand.ceilings.requests)
            entry.left += max(0, demand.requests - beyond - 1)
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

extension Stock.Entry {
    /// Of one counter not all requests have the same ceilings: another one may have been reached.
    fileprivate func refusal(by ceilings: [Ceiling]) -> Verdict? {
        isUsedUp && ceilings.contains { known[$0.measure] >= $0.amount } ? .refused(known) : nil
    }

    /// What has been used, without what lies here for later.
    fileprivate var shown: Amounts {
        var amounts = known
        amounts.requests -= left
        return amounts
    }
}
