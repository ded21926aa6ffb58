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

    /// A sentence for the caller, without the full stop: what is wrong, and what to do. Only characters that the
    /// `error_description` of a `WWW-Authenticate` header can have: RFC 6750, section 3.
    package var message: String {
        switch self {
        case .malformed(let problem): "The token is malformed: \(problem); send it as the issuer returned it"
        case .tooLong: "The token is longer than \(JSONWebToken.longest) bytes; request one with fewer claims"
        case .algorithmNotAllowed: "The token is signed with an algorithm that is not allowed for its issuer"
        case .unknownKey: "The token is signed with a key that its issuer does not publish; log in again"
        case .wrongSignature: "The signature of the token is wrong; send the token as the issuer returned it"
        case .wrongIssuer: "The issuer of the token is not accepted here; log in at another one"
        case .wrongAudience: "The token is for another audience; request one for this API"
        case .wrongClient: "The token was issued to a client that is not accepted here; log in with another one"
        case .wrongUse: "The token is for another purpose; send the kind of token that is accepted here"
        case .expired: "The token has expired; refresh it, or log in again"
        case .notYetValid: "The token is not valid yet; check the clock of its issuer, or try again later"
        case .validTooLong: "The token is valid for longer than is allowed for its issuer; request a shorter one"
        case .wrongClaim(let name):
            "The claim \(Self.printable(name)) of the token is missing or has a value that is not accepted here"
        }
    }

    private static func printable(_ name: String) -> String {
        let bytes = name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "?")
            case 0x20...0x7E: byte
            default: UInt8(ascii: "?")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
