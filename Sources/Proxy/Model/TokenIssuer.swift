package import JSONWebTokens

/// Somebody who issues tokens for users: an OpenID provider, or the owner's backend.
package struct TokenIssuer: Sendable, Equatable {
    /// What its tokens must say. With the issuer's name, which stands for it in logs, metrics and counters.
    package var rules: TokenRules
    package var keys: Keys
    /// What its users may use, unless a plan says something else.
    package var permissions = Permissions()
    /// For all of its users together.
    package var limits = CallerLimits()
    /// For each user, unless a plan says something else.
    package var userLimits = CallerLimits()
    /// The first one that fits a token applies.
    package var plans: [UserPlan] = []
    /// The claims that are added to the record of each request.
    package var metadataClaims: [String] = []
    /// Whether logs and counters have the users' IDs themselves, and not their hashes.
    package var logsUsers = false
    /// How the playground logs in; nil if it doesn't.
    package var login: Login?

    package var name: String { rules.issuer }

    /// Empty if it publishes its keys.
    package var secrets: [Secret] { if case .secrets(let secrets) = keys { secrets } else { [] } }

    package init(_ rules: TokenRules, _ keys: Keys) {
        self.rules = rules
        self.keys = keys
    }

    /// Where the keys come from that verify its tokens.
    package enum Keys: Sendable, Equatable {
        /// The issuer publishes them.
        /// - Parameter url: of the key set; nil for the one that the issuer's discovery document names.
        case published(url: String?)
        /// The issuer shares them with this proxy.
        case secrets([Secret])
    }

    /// An OAuth client for the authorization code flow with PKCE. Nothing here is secret.
    package struct Login: Sendable, Equatable {
        package var authorizeURL: String
        package var tokenURL: String
        package var clientID: String
        /// Separated by spaces.
        package var scope: String
        /// Which of the tokens that the issuer returns is sent to the proxy.
        package var token: TokenUse

        package init(authorizeURL: String, tokenURL: String, clientID: String, scope: String, token: TokenUse) {
            self.authorizeURL = authorizeURL
            self.tokenURL = tokenURL
            self.clientID = clientID
            self.scope = scope
            self.token = token
        }
    }
}

/// What users may use whose tokens have certain claims.
package struct UserPlan: Sendable, Equatable {
    /// For logs and callers.
    package var name: String
    /// All must be met. At least one.
    package var requirements: [ClaimRequirement]
    package var permissions: Permissions
    /// For each user.
    package var limits: CallerLimits

    /// - Parameters:
    ///   - permissions: those of the issuer, with the plan's own in their place.
    ///   - limits: those of the issuer's users, with the plan's own in their place.
    package init(name: String, _ requirements: [ClaimRequirement], _ permissions: Permissions, _ limits: CallerLimits) {
        self.name = name
        self.requirements = requirements
        self.permissions = permissions
        self.limits = limits
    }
}
