import JSONWebTokens
import LambdaRuntime

/// Identifies callers by what API Gateway says about them, if the owner trusts it.
struct GatewayAccess {
    private let grant: CallerGrant
    private let issuers: [TokenIssuer]
    private let hashes: UserHashes

    /// Nil if the owner doesn't trust it.
    init?(_ settings: Settings) {
        guard let grant = settings.frontDoors.gatewayCallers else { return nil }
        self.grant = grant
        issuers = settings.tokenIssuers
        hashes = UserHashes(settings)
    }

    /// - Returns: nil if the gateway has checked nobody, or somebody whom the rules of the token's issuer refuse.
    func user(_ sender: Sender) -> User? {
        guard case .gateway(let identity) = sender else { return nil }
        if let claims = identity.claims { return TokenClaims(verifiedByGateway: claims).flatMap(user) }
        if let principal = identity.principal { return hashed("\n\(principal)") }
        return identity.keyID.map { User(ofGateway: $0, isShown: true, grant) }
    }

    private func user(_ claims: TokenClaims) -> User? {
        guard let name = claims.issuer, !name.isEmpty else { return nil }
        if let issuer = issuers.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            return user(claims, of: issuer)
        }
        guard let id = claims.text(of: "sub"), !id.isEmpty else { return nil }
        // Two issuers may have users with the same ID.
        return hashed("\(name)\n\(id)")
    }

    private func user(_ claims: TokenClaims, of issuer: TokenIssuer) -> User? {
        guard let id = try? issuer.rules.check(verifiedByGateway: claims) else { return nil }
        return User(id, hash: hashes.hash(of: id, at: issuer.name), claims, of: issuer)
    }

    private func hashed(_ id: String) -> User {
        User(ofGateway: hashes.hash(of: id, at: User.gateway), isShown: false, grant)
    }
}
