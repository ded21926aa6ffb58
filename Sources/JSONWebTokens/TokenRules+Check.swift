import JSONBytes

extension TokenRules {
    /// Checks everything but the signature, which must have been verified: otherwise the error would tell a stranger
    /// what a token needs.
    /// - Parameter now: in seconds since 1970.
    /// - Returns: the user's ID.
    package func check(_ token: JSONWebToken, at now: Int64) throws(TokenError) -> String {
        let type = try TokenType(token.type)
        try check(token.claims)
        // An access token by RFC 9068.
        if use == .id, type == .accessToken { throw .wrongUse }
        try checkTime(of: token.claims, at: now)
        return try user(of: token.claims)
    }

    /// Checks the claims of a token that API Gateway has verified, and found to be valid at this time.
    /// - Returns: the user's ID.
    package func check(verifiedByGateway claims: TokenClaims) throws(TokenError) -> String {
        try check(claims)
        return try user(of: claims)
    }

    private func check(_ claims: TokenClaims) throws(TokenError) {
        guard let name = claims.issuer, name.isOne(of: [issuer]) else { throw .wrongIssuer }
        try checkUse(of: claims)
        try checkAudience(of: claims)
        try checkClient(of: claims)
        for requirement in requirements where !requirement.isMet(by: claims) { throw .wrongClaim(requirement.claim) }
    }

    private func checkUse(of claims: TokenClaims) throws(TokenError) {
        // Events, such as that a user has logged out, are signed with the same keys: RFC 8417, section 2.2.
        guard !claims.has("events") else { throw .wrongUse }
        guard let use else { return }
        guard claims.text(of: "token_use")?.isOne(of: [use.rawValue]) == true else { throw .wrongUse }
    }

    private func checkAudience(of claims: TokenClaims) throws(TokenError) {
        guard let named = claims.audiences else { throw .wrongAudience }
        guard audiences.isEmpty || named.contains(where: { $0.isOne(of: audiences) }) else { throw .wrongAudience }
    }

    private func checkClient(of claims: TokenClaims) throws(TokenError) {
        guard !clientIDs.isEmpty else { return }
        guard claims.client?.isOne(of: clientIDs) == true else { throw .wrongClient }
    }

    private func checkTime(of claims: TokenClaims, at now: Int64) throws(TokenError) {
        guard let expires = claims.expires else { throw .wrongClaim("exp") }
        guard now < expires + Self.leeway else { throw .expired }
        for name in ["nbf", "iat"] where claims.has(name) {
            guard let start = claims.date(name) else { throw .wrongClaim(name) }
            guard start - Self.leeway <= now else { throw .notYetValid }
        }
        guard let maxAge else { return }
        let (latest, isBeyondAll) = now.addingReportingOverflow(maxAge)
        guard isBeyondAll || expires - Self.leeway <= latest else { throw .validTooLong }
    }

    private func user(of claims: TokenClaims) throws(TokenError) -> String {
        // U+FFFD may stand for an unpaired surrogate, so users with different IDs could become one.
        guard let user = claims.text(of: userClaim), (1...256).contains(user.utf8.count),
            !user.unicodeScalars.contains(where: { $0.isControl || $0 == "\u{FFFD}" })
        else { throw .wrongClaim(userClaim) }
        return user
    }
}

/// The `typ` of a token's header.
private enum TokenType {
    /// `JWT`, or none: RFC 7519, section 5.1.
    case unspecified
    /// RFC 9068, section 2.1.
    case accessToken

    /// - Throws: `wrongUse` for any other type. RFC 8725, section 3.11, gives tokens for other purposes their own.
    init(_ type: [UInt8]?) throws(TokenError) {
        guard let type else {
            self = .unspecified
            return
        }
        // Media types have no case, and `application/` may be left out: RFC 7515, section 4.1.9.
        var name = type.map { $0.isLetter ? $0 | 0x20 : $0 }[...]
        if name.starts(with: Self.prefix.utf8) { name = name.dropFirst(Self.prefix.utf8.count) }
        if name.elementsEqual("jwt".utf8) {
            self = .unspecified
        } else if name.elementsEqual("at+jwt".utf8) {
            self = .accessToken
        } else {
            throw .wrongUse
        }
    }

    private static let prefix = "application/"
}

extension ClaimRequirement {
    package func isMet(by claims: TokenClaims) -> Bool { claims.texts(of: claim).contains { $0.isOne(of: values) } }
}

extension TokenClaims {
    /// The client that the token was issued to; nil if that isn't known.
    fileprivate var client: String? {
        for name in ["client_id", "azp"] where has(name) { return text(of: name) }
        return audiences?.count == 1 ? audiences?.first : nil
    }
}

extension String {
    /// Compares bytes, because the time to compare a `String` can grow with the square of its length.
    fileprivate func isOne(of texts: [String]) -> Bool { texts.contains { $0.utf8.elementsEqual(utf8) } }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
