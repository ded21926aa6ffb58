/// What has been used, or may be.
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
    /// The quotas of one period as usage.
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

    /// Done twice, it would let others pass a quota.
    package var givesBack: Bool { min(requests, tokens, cost) < 0 }

    /// What is added of it.
    var added: Usage { Usage(requests: max(0, requests), tokens: max(0, tokens), cost: max(0, cost)) }

    static func += (one: inout Usage, other: Usage) {
        one.requests = bounded(one.requests, plus: other.requests)
        one.tokens = bounded(one.tokens, plus: other.tokens)
        one.cost = bounded(one.cost, plus: other.cost)
    }

    /// More than any quota, and sums of two don't overflow.
    private static func bounded(_ one: Int, plus other: Int) -> Int {
        let most = 1_000_000_000_000_000_000
        return max(-most, min(most, one.addingReportingOverflow(other).partialValue))
    }
}
