import Digests

/// A signature algorithm of RFC 7518, section 3.1, or RFC 8037, under the name that a token's header has.
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    /// With Ed25519.
    case edDSA = "EdDSA"

    /// Whether signer and verifier share a secret.
    package var isSymmetric: Bool {
        switch method {
        case .hmac: true
        case .signature: false
        }
    }

    /// How tokens are signed.
    enum Method {
        case hmac(HashFunction)
        case signature(SignatureScheme)
    }

    var method: Method {
        switch self {
        case .hs256: .hmac(.sha256)
        case .hs384: .hmac(.sha384)
        case .hs512: .hmac(.sha512)
        case .rs256: .signature(.rsaPKCS1(.sha256))
        case .rs384: .signature(.rsaPKCS1(.sha384))
        case .rs512: .signature(.rsaPKCS1(.sha512))
        case .ps256: .signature(.rsaPSS(.sha256))
        case .ps384: .signature(.rsaPSS(.sha384))
        case .ps512: .signature(.rsaPSS(.sha512))
        case .es256: .signature(.ecdsa(.p256))
        case .es384: .signature(.ecdsa(.p384))
        case .es512: .signature(.ecdsa(.p521))
        case .edDSA: .signature(.ed25519)
        }
    }
}
