import JSONWebTokens
import Proxy

/// Short phrases for the summary of a table.
extension TokenIssuer {
    var words: [String] {
        var words = [rules.algorithms.map(\.rawValue).joined(separator: ", ")]
        switch keys {
        case .published(let url): words.append(url.map { "keys at \($0)" } ?? "keys by discovery")
        case .secrets(let secrets): words.append(secrets.count == 1 ? "a shared secret" : "two shared secrets")
        }
        if !rules.audiences.isEmpty { words.append("audiences: \(rules.audiences.joined(separator: ", "))") }
        if !rules.clientIDs.isEmpty { words.append("clients: \(rules.clientIDs.joined(separator: ", "))") }
        if let use = rules.use { words.append("\(use.rawValue) tokens") }
        words += rules.requirements.map(\.words)
        if let age = rules.maxAge { words.append("valid for at most \(age) s") }
        if rules.userClaim != "sub" { words.append("users by \(rules.userClaim)") }
        if logsUsers { words.append("logs users") }
        if login != nil { words.append("the playground logs in here") }
        return words
    }
}

extension ClaimRequirement {
    var words: String { "\(claim) is \(values.joined(separator: " or "))" }
}

extension CallerLimits {
    var words: [String] {
        serverQuotaSets.sorted { $0.key < $1.key }.reduce(quotaSet.words) { words, entry in
            words + entry.value.words.map { "\($0) at \(entry.key)" }
        }
    }
}

extension CallerCaching {
    var words: [String] {
        switch self {
        case .asServer: []
        case .off: ["no cache"]
        case .namespace(let name): ["cache namespace \(name)"]
        }
    }
}

extension CachePolicy {
    var words: String {
        let places = layers.map(\.rawValue).joined(separator: ", ")
        return "caches responses for \(ttl) s in \(places)\(isShared ? ", shared by all callers" : "")"
    }
}

extension QuotaSet {
    /// One for each limit.
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
