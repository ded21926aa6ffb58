import Digests
import JSONWebTokens

@testable import Proxy

/// Tokens of a backend that shares a secret with the proxy.
enum SignedToken {
    static let issuer = "backend"
    private static let secret = "0123456789abcdef0123456789abcdef"

    /// An issuer that signs with HS256.
    static func tokenIssuer(_ change: (inout TokenIssuer) -> Void = { _ in }) -> TokenIssuer {
        var rules = TokenRules(issuer: issuer)
        rules.algorithms = [.hs256]
        var issuer = TokenIssuer(rules, .secrets([Secret(secret)]))
        change(&issuer)
        return issuer
    }

    /// - Parameters:
    ///   - expires: in seconds since 1970.
    ///   - claims: more claims, as JSON members.
    static func text(_ user: String = "ann", expires: Int = 5000, _ claims: String = "") -> String {
        let more = claims.isEmpty ? "" : "," + claims
        let payload = #"{"iss":"\#(issuer)","sub":"\#(user)","exp":\#(expires)\#(more)}"#
        let input = encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "." + encode(Array(payload.utf8))
        return input + "." + encode(HMACKey(Array(secret.utf8)).code(for: Array(input.utf8)))
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes).utf8.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return String(decoding: text.filter { $0 != UInt8(ascii: "=") }, as: UTF8.self)
    }
}
