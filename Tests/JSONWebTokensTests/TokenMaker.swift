import Digests

@testable import JSONWebTokens

/// A token that PyJWT or joserfc has made: see TokenVectors.swift.
struct TokenVector: Sendable, CustomStringConvertible {
    let maker: String
    let algorithm: TokenAlgorithm
    let text: String

    init(_ maker: String, _ algorithm: TokenAlgorithm, _ text: String) {
        (self.maker, self.algorithm, self.text) = (maker, algorithm, text)
    }

    var description: String { "\(algorithm.rawValue) by \(maker)" }

    /// The keys that verify these tokens.
    static func keys(for algorithm: TokenAlgorithm) -> KeySet {
        let secret = HMACKey(Hexadecimal.decode(secret.utf8) ?? [])
        return algorithm.isSymmetric ? KeySet(secrets: [secret]) : KeySet(keySet)
    }
}

extension KeySet {
    /// Reads a key set that must be one.
    init(_ text: String) {
        guard let set = KeySet(parsing: Array(text.utf8)) else { fatalError("not a key set: \(text)") }
        self = set
    }
}

/// Makes tokens from JSON texts.
enum TokenMaker {
    static let secret = HMACKey(Array("a secret of at least 32 bytes, as it should be".utf8))
    static var keys: KeySet { KeySet(secrets: [secret]) }

    /// - Parameter signer: signs header and payload; nil for an empty signature.
    static func text(
        header: String = #"{"alg":"HS256"}"#, _ payload: String, signer: HMACKey? = secret,
        with hash: HashFunction = .sha256
    ) -> String {
        let input = "\(base64URL(Array(header.utf8))).\(base64URL(Array(payload.utf8)))"
        return "\(input).\(base64URL(signer?.code(for: Array(input.utf8), with: hash) ?? []))"
    }

    static func token(header: String = #"{"alg":"HS256"}"#, _ payload: String) throws(TokenError) -> JSONWebToken {
        try JSONWebToken(Array(text(header: header, payload).utf8))
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes).utf8.filter { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
