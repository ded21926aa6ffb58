import Proxy

extension Allowance {
    /// Each limit in a few words.
    var words: [String] {
        let ceilings = ceilings.map { ceiling in
            switch ceiling.measure {
            case .requests: "\(ceiling.amount) requests a \(ceiling.period.rawValue)"
            case .tokens: "\(ceiling.amount) tokens a \(ceiling.period.rawValue)"
            case .cost: "\(dollars(ceiling.amount)) dollars a \(ceiling.period.rawValue)"
            }
        }
        return ceilings + (parallel.map { ["\($0) at once"] } ?? [])
    }

    private func dollars(_ billionths: Int) -> String {
        billionths.isMultiple(of: 1_000_000_000) ? "\(billionths / 1_000_000_000)" : "\(Double(billionths) / 1e9)"
    }
}
