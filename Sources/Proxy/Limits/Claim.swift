/// What has to be counted before a request may pass.
enum Claim: Sendable {
    case counter(Counter, Scope, [Ceiling])
    case lease(Lease, Scope)
}

/// What became of a claim.
enum Verdict: Sendable {
    /// With what has been used of a counter.
    case granted(Amounts)
    case refused(Amounts)
    /// It isn't known.
    case failed(StoreError)

    var isRefused: Bool { if case .refused = self { true } else { false } }

    /// What has been used; nil if it isn't known.
    var used: Amounts? {
        switch self {
        case .granted(let amounts), .refused(let amounts): amounts
        case .failed: nil
        }
    }
}

typealias JudgedClaim = (claim: Claim, verdict: Verdict)

extension Allowance {
    /// - Parameter now: in seconds since 1970.
    func claims(for scope: Scope, _ permit: Permit, at now: Int64) -> [Claim] {
        var claims: [Claim] = Period.allCases.compactMap { period in
            let ceilings = ceilings.filter { $0.period == period }
            guard !ceilings.isEmpty else { return nil }
            return .counter(Counter(scope.text, period, start: period.start(at: now)), scope, ceilings)
        }
        if let parallel {
            let lease = Lease(scope.text, id: permit.requestID, ceiling: parallel, expires: permit.end(from: now))
            claims.append(.lease(lease, scope))
        }
        return claims
    }
}

extension Amounts {
    /// The ceilings of one period as amounts.
    init(most ceilings: [Ceiling]) {
        func most(_ measure: Measure) -> Int { ceilings.first { $0.measure == measure }?.amount ?? .max }
        self.init(requests: most(.requests), tokens: most(.tokens), cost: most(.cost))
    }
}
