/// What an issuer's tokens must say to be accepted.
package struct TokenRules: Sendable, Equatable {
    /// The exact `iss`.
    package var issuer: String
    package var algorithms: [TokenAlgorithm] = [.rs256, .es256]
    /// One of these must be in `aud`; empty if `aud` isn't checked.
    package var audiences: [String] = []
    /// One of these must be the client that the token was issued to: its `client_id`, else its `azp`, else its only
    /// `aud`. Empty if the client isn't checked.
    package var clientIDs: [String] = []
    /// What the token must be for; nil if that isn't checked.
    package var use: TokenUse?
    package var requirements: [ClaimRequirement] = []
    /// The claim that identifies the user.
    package var userClaim = "sub"
    /// How far ahead `exp` may be, in seconds; nil for no limit.
    package var maxAge: Int64?

    /// By how much the clocks of issuer and proxy may differ. In seconds.
    package static let leeway: Int64 = 60

    package init(issuer: String) { self.issuer = issuer }
}

/// The values of Cognito's claim `token_use`.
package enum TokenUse: String, Sendable, CaseIterable { case access, id }

/// A claim that must have one of some values. A claim that is a list must contain one of them.
package struct ClaimRequirement: Sendable, Equatable {
    /// The claim's name, or its path: see `TokenClaims`.
    package var claim: String
    package var values: [String]

    package init(_ claim: String, in values: [String]) {
        self.claim = claim
        self.values = values
    }
}
