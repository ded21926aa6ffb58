/// Why a token isn't accepted. Says nothing that the token contains.
package enum TokenError: Error, Equatable {
    /// It isn't a JSON Web Token in the compact form. With a phrase that says what is wrong.
    case malformed(String)
    /// It is longer than `JSONWebToken.longest`.
    case tooLong
    /// Its algorithm isn't allowed for its issuer.
    case algorithmNotAllowed
    /// No key of its issuer fits.
    case unknownKey
    case wrongSignature
    case wrongIssuer
    case wrongAudience
    case wrongClient
    /// It is for another purpose, such as an ID token in place of an access token.
    case wrongUse
    case expired
    case notYetValid
    /// It is valid for longer than the issuer's tokens may be.
    case validTooLong
    /// A claim that must be there is missing, has the wrong type, or another value. With the claim's name, which is
    /// the owner's or that of a standard.
    case wrongClaim(String)
}
