/// What has to be counted before a request may pass.
enum Claim: Sendable {
    case counter(Counter, Scope, [Ceiling])
    case lease(Lease, Scope)

    var scope: Scope {
        switch self {
        case .counter(_, let scope, _), .lease(_, let scope): scope
        }
    }
}

extension Allowance {
    /// What of it holds for an operation. For lists of models, which clients ask for at each start, that is only how often
    /// in a minute and how many at once.
    func holding(for operation: Operation) -> Allowance {
        switch operation {
        case .models, .model: break
        default: return self
        }
        var allowance = self
        allowance.ceilings.removeAll { $0.measure != .requests || $0.period != .minute }
        return allowance
    }

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
