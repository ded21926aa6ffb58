import Proxy

extension QuotaSet {
    /// Each limit in a few words.
    var words: [String] {
        let quotas = quotas.map { quota in
            switch quota.measure {
            case .requests: "\(quota.amount) requests a \(quota.period.rawValue)"
            case .tokens: "\(quota.amount) tokens a \(quota.period.rawValue)"
            case .cost: "\(dollars(quota.amount)) dollars a \(quota.period.rawValue)"
            }
        }
        return quotas + (parallel.map { ["\($0) at once"] } ?? [])
    }

    private func dollars(_ billionths: Int) -> String {
        billionths.isMultiple(of: 1_000_000_000) ? "\(billionths / 1_000_000_000)" : "\(Double(billionths) / 1e9)"
    }
}
