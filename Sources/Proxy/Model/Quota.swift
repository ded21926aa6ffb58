import Calendar

/// How much of one measure may be used in one period.
package struct Quota: Sendable, Equatable {
    package var measure: Measure
    package var period: Period
    /// At least 1. Costs are in billionths of a dollar.
    package var amount: Int

    package init(_ measure: Measure, each period: Period, _ amount: Int) {
        self.measure = measure
        self.period = period
        self.amount = amount
    }
}

extension Quota {
    /// The names of quotas in the table, except for budgets, whose period is a key of its own.
    package static let keys: [(key: String, measure: Measure, period: Period)] = [
        ("rpm", .requests, .minute), ("tpm", .tokens, .minute),
        ("requests_per_day", .requests, .day), ("tokens_per_day", .tokens, .day),
        ("requests_per_month", .requests, .month), ("tokens_per_month", .tokens, .month),
    ]

    /// The name in the table.
    var key: String { Self.keys.first { $0.measure == measure && $0.period == period }?.key ?? "max_budget" }
}

package enum Measure: Sendable, Equatable { case requests, tokens, cost }

/// All limits of one key or server.
package struct QuotaSet: Sendable, Equatable {
    package var quotas: [Quota] = []
    /// How many requests may be open at once.
    package var parallel: Int?

    package init() {}

    /// Whether tokens or costs are limited.
    package var countsUsage: Bool { quotas.contains { $0.measure != .requests } }

    /// Whether costs are limited.
    package var countsCost: Bool { quotas.contains { $0.measure == .cost } }

    package var isUnlimited: Bool { quotas.isEmpty && parallel == nil }
}

/// The time that a counter covers. Periods are the minutes, days and months of UTC, so that independent processes agree
/// on them.
package enum Period: String, Sendable, Hashable, CaseIterable {
    case minute, day, month

    /// The start of the period that contains this time. In seconds since 1970.
    package func start(at seconds: Int64) -> Int64 {
        switch self {
        case .minute: seconds - seconds % 60
        case .day: seconds - seconds % 86_400
        case .month: CalendarDate(atSeconds: seconds).monthStart
        }
    }

    /// The end of the period that contains this time. In seconds since 1970.
    package func end(at seconds: Int64) -> Int64 {
        switch self {
        case .minute: start(at: seconds) + 60
        case .day: start(at: seconds) + 86_400
        case .month: CalendarDate(atSeconds: seconds).nextMonthStart
        }
    }
}

/// An amount of requests, tokens and cost: used, or allowed.
package struct Usage: Sendable, Equatable {
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

extension Usage {
    /// What the quotas of one period allow.
    init(most quotas: [Quota]) {
        func most(_ measure: Measure) -> Int { quotas.first { $0.measure == measure }?.amount ?? .max }
        self.init(requests: most(.requests), tokens: most(.tokens), cost: most(.cost))
    }

    subscript(measure: Measure) -> Int {
        switch measure {
        case .requests: requests
        case .tokens: tokens
        case .cost: cost
        }
    }

    /// Whether a part is negative, so that adding it twice would raise a quota.
    package var givesBack: Bool { min(requests, tokens, cost) < 0 }

    /// Without the negative parts.
    var added: Usage { Usage(requests: max(0, requests), tokens: max(0, tokens), cost: max(0, cost)) }

    static func += (one: inout Usage, other: Usage) {
        one.requests = bounded(one.requests, plus: other.requests)
        one.tokens = bounded(one.tokens, plus: other.tokens)
        one.cost = bounded(one.cost, plus: other.cost)
    }

    /// Limits the sum to more than any quota, so that the next addition doesn't overflow.
    private static func bounded(_ one: Int, plus other: Int) -> Int {
        let most = 1_000_000_000_000_000_000
        return max(-most, min(most, one.addingReportingOverflow(other).partialValue))
    }
}
