import JSONWebTokens
import Proxy
import YAML

extension TokenIssuer {
    static let sectionKeys =
        ["issuer"] + keySources + Section.tokenRuleKeys + ["metadata_claims", "log_users", "login"]
        + Section.permissionKeys + Section.callerLimitKeys + ["user_limits", "plans"]
    /// Where its keys come from: one of these, or none for the keys that its discovery document names.
    static let keySources = ["secret", "secrets", "jwks_url"]

    /// - Parameter name: the exact `iss` of its tokens.
    init(_ name: String, _ section: inout Section, _ servers: [ServerEntry]) throws(ConfigurationError) {
        let keys = try section.verificationKeys()
        self.init(try section.tokenRules(of: name, keys), keys)
        metadataClaims = try section.claims("metadata_claims")
        logsUsers = try section.bool("log_users") ?? false
        login = try section.login(rules)
        permissions = try section.permissions(over: Permissions(), servers)
        var drafts = try section.plans(over: permissions, servers)
        // A limit is right if the users of any plan can reach it.
        let all = [permissions] + drafts.map(\.plan.permissions)
        limits = try section.callerLimits(all, servers)
        userLimits = try section.userLimits(all, servers)
        for index in drafts.indices { try drafts[index].readLimits(over: userLimits, in: &section, servers) }
        plans = drafts.map(\.plan)
    }
}

extension Section {
    /// Shorter secrets can be found by trying. In bytes: what HMAC-SHA-256 has (RFC 7518, section 3.2).
    private static let shortestSecret = 32

    fileprivate mutating func verificationKeys() throws(ConfigurationError) -> TokenIssuer.Keys {
        for key in ["secret", "secrets"] where isBlank(key) {
            throw error(key, "is empty; write ${NAME} to read it from the environment variable NAME")
        }
        let sources = TokenIssuer.keySources.filter { node($0) != nil }
        if sources.count > 1 { throw error(sources[1], "can't be combined with '\(sources[0])'; remove one of them") }
        switch sources.first {
        case "secret":
            let text = try completeText("secret") ?? ""
            return .secrets(text.isEmpty ? [] : [try secret(text, "secret")])
        case "secrets": return .secrets(try secrets("secrets"))
        default: return .published(url: try secureURL("jwks_url"))
        }
    }

    /// Without those that are empty.
    private mutating func secrets(_ key: String) throws(ConfigurationError) -> [Secret] {
        let count = try list(key)?.count ?? 0
        guard count > 0 else { throw error(key, "is an empty list; add a secret") }
        guard count <= 2 else {
            throw error(key, "has \(count) secrets; keep at most two: the new one and the old one")
        }
        var secrets: [Secret] = []
        for element in try elements(key) ?? [] where !element.text.isEmpty {
            let secret = try secret(element.text, key, line: element.line)
            guard !secrets.contains(secret) else {
                throw error(key, "has the same secret twice; remove one", line: element.line)
            }
            secrets.append(secret)
        }
        return secrets
    }

    private func secret(_ text: String, _ key: String, line: Int? = nil) throws(ConfigurationError) -> Secret {
        guard text.utf8.count >= Self.shortestSecret else {
            throw error(
                key,
                "is shorter than \(Self.shortestSecret) bytes, so it can be guessed; "
                    + "make a longer one with 'openssl rand -hex 32'", line: line)
        }
        return Secret(text)
    }

    private static let loginKeys = ["authorize_url", "token_url", "client_id", "scope", "token"]

    /// Nil if there is none, if both URLs are empty, as a default of their variables, or if a variable is missing.
    fileprivate mutating func login(_ rules: TokenRules) throws(ConfigurationError) -> TokenIssuer.Login? {
        guard let node = node("login") else { return nil }
        var part = try section(node, "'login'", keys: Self.loginKeys)
        for key in ["authorize_url", "token_url", "client_id"] where part.node(key) == nil {
            throw part.error(key, "is missing")
        }
        let authorizeURL = try part.secureURL("authorize_url")
        let tokenURL = try part.secureURL("token_url")
        let clientID = try part.completeText("client_id")
        let scope = try part.completeText("scope") ?? "openid"
        let token = try part.word("token", of: ["access": TokenUse.access, "id": .id])
        adopt(missing: part.missing)
        guard missing.isEmpty, authorizeURL != nil || tokenURL != nil else { return nil }
        guard let authorizeURL, let tokenURL, let clientID, !clientID.isEmpty else {
            throw error("login", "has an empty URL or 'client_id'; fill it in, or remove 'login'")
        }
        guard rules.clientIDs.isEmpty || rules.clientIDs.contains(clientID) else {
            throw part.error("client_id", "isn't in 'client_ids', so its tokens would be refused; add it there")
        }
        if let token, let use = rules.use, token != use {
            throw part.error("token", "is '\(token.rawValue)', but 'token_use' is '\(use.rawValue)'; make them equal")
        }
        let sent = token ?? rules.use ?? .access
        guard sent == .access || rules.audiences.isEmpty || rules.audiences.contains(clientID) else {
            throw part.error(
                "client_id",
                "isn't in 'audiences', so its ID tokens would be refused; add it there, or send the "
                    + "access token")
        }
        return TokenIssuer.Login(
            authorizeURL: authorizeURL, tokenURL: tokenURL, clientID: clientID, scope: scope, token: sent)
    }
}
