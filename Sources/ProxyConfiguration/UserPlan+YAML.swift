import JSONWebTokens
import Proxy
import YAML

/// A plan of a token issuer whose limits are still to be read: they replace those of the issuer's users, which may
/// depend on what the users of all plans may use.
struct PlanDraft {
    private(set) var plan: UserPlan
    private var section: Section

    private static let keys = ["name", "match"] + Section.permissionKeys + Section.callerLimitKeys
    /// In bytes.
    private static let longestName = 64

    fileprivate init(
        _ node: YAMLNode, over standard: Permissions, in issuer: inout Section, _ servers: [ServerEntry]
    ) throws(ConfigurationError) {
        section = try issuer.section(node, "a plan", keys: Self.keys)
        guard let name = try section.text("name") else { throw section.error("name", "is missing; logs use it") }
        guard
            !name.missing.isEmpty
                || (1...Self.longestName).contains(name.text.utf8.count) && VirtualKey.isDimension(name.text)
        else { throw section.error("name", "must be 1 to \(Self.longestName) printable ASCII characters") }
        guard section.node("match") != nil else {
            throw section.error("match", "is missing; say which claims the tokens of these users have")
        }
        let requirements = try section.requirements("match")
        let permissions = try section.permissions(over: standard, servers)
        plan = UserPlan(name: name.text, requirements, permissions, CallerLimits())
        issuer.adopt(missing: section.missing)
    }

    mutating func readLimits(
        over standard: CallerLimits, in issuer: inout Section, _ servers: [ServerEntry]
    ) throws(ConfigurationError) {
        section.adopt(missing: issuer.missing)
        plan.limits = try section.callerLimits([plan.permissions], servers).replacing(standard)
        issuer.adopt(missing: section.missing)
    }

    fileprivate func refuse(_ problem: String) -> ConfigurationError { section.error("name", problem) }
}

extension Section {
    mutating func plans(
        over standard: Permissions, _ servers: [ServerEntry]
    ) throws(ConfigurationError) -> [PlanDraft] {
        var drafts: [PlanDraft] = []
        var names: Set<String> = []
        for node in try list("plans") ?? [] {
            let draft = try PlanDraft(node, over: standard, in: &self, servers)
            guard names.insert(draft.plan.name).inserted else {
                throw draft.refuse("'\(draft.plan.name)' is taken by another plan of this issuer")
            }
            drafts.append(draft)
        }
        return drafts
    }

    /// The limits of each user.
    mutating func userLimits(
        _ permissions: [Permissions], _ servers: [ServerEntry]
    ) throws(ConfigurationError) -> CallerLimits {
        guard let node = node("user_limits") else { return CallerLimits() }
        var part = try section(node, "'user_limits'", keys: Self.callerLimitKeys)
        part.adopt(missing: missing)
        let limits = try part.callerLimits(permissions, servers)
        adopt(missing: part.missing)
        return limits
    }
}

extension CallerLimits {
    /// These limits, and those of the others that these say nothing about.
    fileprivate func replacing(_ others: CallerLimits) -> CallerLimits {
        var limits = others
        limits.quotaSet = quotaSet.replacing(others.quotaSet)
        for (server, quotaSet) in serverQuotaSets {
            limits.serverQuotaSets[server] = quotaSet.replacing(others.serverQuotaSets[server] ?? QuotaSet())
        }
        return limits
    }
}

extension QuotaSet {
    fileprivate func replacing(_ others: QuotaSet) -> QuotaSet {
        var limits = others
        for quota in quotas {
            let index = limits.quotas.firstIndex { quota.replaces($0) }
            if let index { limits.quotas[index] = quota } else { limits.quotas.append(quota) }
        }
        limits.parallel = parallel ?? others.parallel
        return limits
    }
}

extension Quota {
    /// Whether both are written under the same key of the table. A budget has one key for all periods.
    fileprivate func replaces(_ other: Quota) -> Bool {
        measure == other.measure && (period == other.period || measure == .cost)
    }
}
