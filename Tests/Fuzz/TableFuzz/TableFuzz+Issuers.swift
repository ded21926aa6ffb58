import JSONWebTokens

@testable import Proxy
@testable import ProxyConfiguration

extension TableFuzz {
    static func checkIssuers(_ table: ServerTable) {
        let settings = table.settings
        let names = settings.tokenIssuers.map(\.name)
        let taken = settings.virtualKeys.map(\.id) + ["anonymous", "owner", "none"]
        require(Set(names).count == names.count && Set(names).isDisjoint(with: taken), "a name stands for two callers")
        require(settings.tokenIssuers.count { $0.login != nil } <= 1, "two issuers have a login")
        require((settings.userIDKey?.revealed.utf8.count ?? 16) >= 16, "a short key for the hashes of users")
        for issuer in settings.tokenIssuers {
            require((1...256).contains(issuer.name.utf8.count), "a name of \(issuer.name.utf8.count) bytes")
            require(VirtualKey.isDimension(issuer.name), "no dimension: \(issuer.name.debugDescription)")
            checkRules(of: issuer)
            check(issuer.permissions, issuer.limits, in: table)
            check(issuer.permissions, issuer.userLimits, in: table)
            require(Set(issuer.plans.map(\.name)).count == issuer.plans.count, "two plans have one name")
            for plan in issuer.plans {
                require(!plan.requirements.isEmpty, "a plan for everybody")
                check(plan.requirements)
                check(plan.permissions, plan.limits, in: table)
            }
        }
    }

    private static func checkRules(of issuer: TokenIssuer) {
        let rules = issuer.rules
        require(!rules.algorithms.isEmpty && !rules.userClaim.isEmpty, "an issuer of whom no token could be accepted")
        check(rules.requirements)
        switch issuer.keys {
        case .secrets(let secrets):
            require((1...2).contains(secrets.count), "\(secrets.count) secrets")
            require(secrets.allSatisfy { $0.revealed.utf8.count >= 32 }, "a short secret")
            require(rules.algorithms.allSatisfy(\.isSymmetric) && rules.maxAge != nil, "a secret for published keys")
        case .published(let url):
            require(!rules.algorithms.contains(where: \.isSymmetric), "a published key as a secret")
            require(!rules.audiences.isEmpty || !rules.clientIDs.isEmpty, "tokens for anybody")
            for text in [issuer.name, url ?? issuer.name] {
                require(["https://", "http://"].contains { text.hasPrefix($0) }, "can't be called: \(text)")
            }
        }
    }

    private static func check(_ requirements: [ClaimRequirement]) {
        for requirement in requirements {
            require(!requirement.claim.isEmpty && !requirement.values.isEmpty, "a claim that no token can have")
            require(!requirement.values.contains(""), "an empty value of a claim")
        }
    }
}
