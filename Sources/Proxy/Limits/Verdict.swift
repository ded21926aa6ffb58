/// What became of a claim.
enum Verdict: Sendable {
    /// With what has been used of a counter.
    case granted(Amounts)
    case refused(Amounts)
    /// It isn't known.
    case failed(StoreError)

    var isRefused: Bool { if case .refused = self { true } else { false } }

    /// Why it isn't known.
    var error: StoreError? { if case .failed(let error) = self { error } else { nil } }

    /// What has been used; nil if it isn't known.
    var used: Amounts? {
        switch self {
        case .granted(let amounts), .refused(let amounts): amounts
        case .failed: nil
        }
    }
}

typealias JudgedClaim = (claim: Claim, verdict: Verdict)
