import JSONWebTokens
import Proxy
import YAML

/// What an issuer's tokens must say.
extension Section {
    static let tokenRuleKeys = [
        "audiences", "client_ids", "algorithms", "token_use", "user_claim", "required_claims", "max_age",
    ]
    /// A year, in seconds.
    private static let longestAge = 31_536_000
    /// With shared secrets, unless the table says otherwise. In seconds.
    private static let standardAge: Int64 = 3600
    /// In bytes.
    private static let longestClaim = 256

    mutating func tokenRules(
        of name: String, _ keys: TokenIssuer.Keys
    ) throws(ConfigurationError) -> TokenRules {
        var rules = TokenRules(issuer: name)
        let isPublished: Bool
        if case .published = keys { isPublished = true } else { isPublished = false }
        rules.algorithms = try algorithms(areSymmetric: !isPublished)
        rules.audiences = try accepted("audiences", everything: "all audiences")
        rules.clientIDs = try accepted("client_ids", everything: "all clients")
        guard !isPublished || node("audiences") != nil || node("client_ids") != nil else {
            throw error(
                "audiences",
                "or 'client_ids' must be given: without them, tokens that the issuer has made for any other app "
                    + "would be accepted")
        }
        rules.use = try word("token_use", of: ["access": .access, "id": .id])
        if let claim = try completeText("user_claim") {
            try checkClaim(claim, "user_claim")
            rules.userClaim = claim
        }
        rules.requirements = try requirements("required_claims")
        rules.maxAge = try integer("max_age", in: 1...Self.longestAge).map { Int64($0) }
        if !isPublished { rules.maxAge = rules.maxAge ?? Self.standardAge }
        return rules
    }

    private mutating func algorithms(areSymmetric: Bool) throws(ConfigurationError) -> [TokenAlgorithm] {
        let key = "algorithms"
        let known = TokenAlgorithm.allCases.filter { $0.isSymmetric == areSymmetric }
        let standard: [TokenAlgorithm] = areSymmetric ? [.hs256] : [.rs256, .es256]
        guard !isBlank(key), try list(key)?.isEmpty != true else {
            throw error(
                key, "is empty; list some, or remove it for \(standard.map(\.rawValue).joined(separator: ", "))")
        }
        guard let elements = try elements(key) else { return standard }
        var algorithms: [TokenAlgorithm] = []
        for element in elements {
            guard let algorithm = TokenAlgorithm(rawValue: element.text) else {
                let hint = NearestName.hint(element.text, among: known.map(\.rawValue))
                throw error(key, "has an unknown algorithm '\(element.text)'; \(hint)", line: element.line)
            }
            guard algorithm.isSymmetric == areSymmetric else {
                let cause = areSymmetric ? "can't use a secret" : "needs a 'secret', not a published key"
                throw error(key, "has '\(element.text)', which \(cause); remove it", line: element.line)
            }
            guard !algorithms.contains(algorithm) else {
                throw error(key, "has '\(element.text)' twice; remove one", line: element.line)
            }
            algorithms.append(algorithm)
        }
        return algorithms
    }

    private mutating func accepted(_ key: String, everything: String) throws(ConfigurationError) -> [String] {
        guard let elements = try allowList(key, everything: everything) else { return [] }
        for element in elements where element.text.isEmpty {
            throw error(key, "has an empty text; fill it in, or remove it", line: element.line)
        }
        return elements.map(\.text)
    }
}

/// Names of claims, and what they must be.
extension Section {
    /// Each request's record repeats these, so there are few.
    mutating func claims(_ key: String) throws(ConfigurationError) -> [String] {
        let elements = try elements(key) ?? []
        guard elements.count <= 16 else { throw error(key, "has \(elements.count) claims; keep at most 16") }
        var claims: [String] = []
        for element in elements {
            try checkClaim(element.text, key, line: element.line)
            guard !claims.contains(element.text) else {
                throw error(key, "has '\(element.text)' twice; remove one", line: element.line)
            }
            claims.append(element.text)
        }
        return claims
    }

    private func checkClaim(_ name: String, _ key: String, line: Int? = nil) throws(ConfigurationError) {
        guard (1...Self.longestClaim).contains(name.utf8.count), !name.utf8.contains(where: \.isControl) else {
            throw error(
                key, "must have names of claims, of 1 to \(Self.longestClaim) bytes without control characters",
                line: line)
        }
    }

    /// A mapping from claims to a value or a list of values. Empty if the key isn't there.
    mutating func requirements(_ key: String) throws(ConfigurationError) -> [ClaimRequirement] {
        let members = try members(of: key, "from names of claims to values")
        guard !members.isEmpty || node(key) == nil && !isBlank(key) else {
            throw error(key, "is empty; name a claim there with its value, or remove it")
        }
        var requirements: [ClaimRequirement] = []
        for member in members {
            try checkClaim(member.key, key, line: member.line)
            requirements.append(ClaimRequirement(member.key, in: try values(of: member, key)))
        }
        return requirements
    }

    private mutating func values(
        of claim: YAMLNode.Member, _ key: String
    ) throws(ConfigurationError) -> [String] {
        var nodes = [claim.value]
        if case .sequence(let elements) = claim.value.value { nodes = elements }
        guard !nodes.isEmpty, !nodes.contains(where: \.isNull) else {
            throw error(key, "has no value for '\(claim.key)'; write the value that it must have", line: claim.line)
        }
        var values: [String] = []
        for node in nodes {
            let text = try text(node, key, line: node.line)
            guard text.missing.isEmpty else { continue }
            guard !text.text.isEmpty else {
                throw error(key, "has an empty value for '\(claim.key)'; fill it in", line: node.line)
            }
            values.append(text.text)
        }
        return values
    }
}
