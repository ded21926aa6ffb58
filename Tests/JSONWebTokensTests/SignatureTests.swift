import Digests
import JSONBytes
import Testing

@testable import JSONWebTokens

@Suite struct SignatureTests {
    @Test("Published signatures are verified", arguments: PublishedSignature.all)
    func verifiesPublished(_ published: PublishedSignature) throws {
        let text = Array(published.text.utf8)
        let end = try #require(text.lastIndex(of: UInt8(ascii: ".")))
        let signature = try #require(Base64URL.decode(text[(end + 1)...]))
        let keys = KeySet(published.keys)
        #expect(throws: Never.self) { try keys.verify(signature, of: Array(text[..<end]), published.algorithm, nil) }
        #expect(throws: TokenError.wrongSignature) {
            try keys.verify(signature, of: Array(text[..<end]) + [0x41], published.algorithm, nil)
        }
    }

    @Test("The published token with line ends in its header is verified")
    func verifiesHS256() throws {
        let keys = KeySet(secrets: [
            HMACKey(try #require(Base64URL.decode(Array(PublishedSignature.hs256Secret.utf8)[...])))
        ])
        let token = try JSONWebToken(Array(PublishedSignature.hs256.utf8))
        try token.verify(with: keys, allowing: [.hs256])
        #expect(token.claims.issuer == "joe")
        #expect(token.claims.expires == 1_300_819_380)
        #expect(token.claims.texts(of: "http://example.com/is_root") == ["true"])
    }

    @Test("Tokens of PyJWT and joserfc are verified, with their own algorithm only", arguments: TokenVector.all)
    func verifiesVectors(_ vector: TokenVector) throws {
        #expect(JSONWebToken.hasForm(vector.text.utf8))
        let (token, keys) = (try JSONWebToken(Array(vector.text.utf8)), TokenVector.keys(for: vector.algorithm))
        try token.verify(with: keys, allowing: [vector.algorithm])
        try token.verify(with: keys, allowing: TokenAlgorithm.allCases)
        #expect(throws: TokenError.algorithmNotAllowed) {
            try token.verify(with: keys, allowing: TokenAlgorithm.allCases.filter { $0 != vector.algorithm })
        }
        var rules = TokenRules(issuer: "https://issuer.example")
        rules.audiences = ["api"]
        #expect(try rules.check(token, at: 1_767_225_600) == "user-1")
    }

    @Test("A signature of one algorithm isn't one of another, even with the same key", arguments: TokenVector.all)
    func keepsAlgorithmsApart(_ vector: TokenVector) throws {
        let token = try JSONWebToken(Array(vector.text.utf8))
        let keys = TokenVector.keys(for: vector.algorithm)
        for other in TokenAlgorithm.allCases where other != vector.algorithm {
            #expect(throws: TokenError.self) {
                try keys.verify(token.signature, of: token.signingInput, other, token.keyID)
            }
        }
    }

    @Test("A token with one other character is refused, wherever it is", arguments: TokenVector.all)
    func noticesChanges(_ vector: TokenVector) throws {
        let (text, keys) = (Array(vector.text.utf8), TokenVector.keys(for: vector.algorithm))
        // Verifying with these is slow without optimization, and the parser is the same.
        let isSlow = [.es384, .es512].contains(vector.algorithm)
        for index in stride(from: 0, to: text.count, by: isSlow ? 7 : 1) {
            var other = text
            other[index] = text[index] == UInt8(ascii: "A") ? UInt8(ascii: "Q") : UInt8(ascii: "A")
            #expect(throws: TokenError.self) { try Self.verify(other, keys) }
        }
    }

    @Test("No beginning of a token is a token, and nothing may follow one")
    func wantsWholeTokens() throws {
        let vector = try #require(TokenVector.all.first { $0.algorithm == .rs256 })
        let (text, keys) = (Array(vector.text.utf8), TokenVector.keys(for: .rs256))
        for count in 0..<text.count {
            #expect(throws: TokenError.self) { try Self.verify(Array(text[..<count]), keys) }
        }
        for end in ["A", "=", ".", " ", "\n", "\0", ".e30"] {
            #expect(throws: TokenError.self) { try Self.verify(text + end.utf8, keys) }
            #expect(throws: TokenError.self) { try Self.verify(end.utf8 + text, keys) }
        }
    }

    @Test("What others have accepted by mistake is refused", arguments: TokenVector.refused.keys.sorted())
    func refuses(_ problem: String) throws {
        let text = try #require(TokenVector.refused[problem])
        #expect(throws: TokenError.self) { try Self.verify(Array(text.utf8), KeySet(TokenVector.keySet)) }
    }

    @Test("A signature of zeros is refused (CVE-2022-21449)", arguments: TokenVector.all)
    func refusesZeros(_ vector: TokenVector) throws {
        let token = try JSONWebToken(Array(vector.text.utf8))
        let input = String(decoding: token.signingInput, as: UTF8.self)
        for count in [0, 1, 8, token.signature.count] {
            let text = "\(input).\(TokenMaker.base64URL([UInt8](repeating: 0, count: count)))"
            #expect(throws: TokenError.wrongSignature) {
                try Self.verify(Array(text.utf8), TokenVector.keys(for: vector.algorithm))
            }
        }
    }

    @Test("A token without a signature is refused", arguments: ["none", "None", "NONE", "nOnE", "", "HS1", "hs256"])
    func refusesUnsigned(algorithm: String) {
        for signer in [nil, TokenMaker.secret] {
            let text = TokenMaker.text(header: #"{"alg":"\#(algorithm)"}"#, #"{"sub":"a"}"#, signer: signer)
            #expect(JSONWebToken.hasForm(text.utf8))
            #expect(throws: TokenError.algorithmNotAllowed) { try Self.verify(Array(text.utf8), TokenMaker.keys) }
        }
    }

    @Test("A published key never becomes a secret (CVE-2015-9235), and an empty one is none")
    func keepsSecretsApart() throws {
        let published = KeySet(TokenVector.keySet)
        let modulus = try #require(try JSONSlice(Array(TokenVector.keySet.utf8))["keys"]?.elements?.first?["n"]?.string)
        let secrets = [Array(modulus.utf8), try #require(Base64URL.decode(Array(modulus.utf8)[...])), []]
        for secret in secrets {
            let text = TokenMaker.text(
                header: #"{"alg":"HS256","kid":"rsa-2048"}"#, #"{"sub":"a"}"#, signer: HMACKey(secret))
            #expect(throws: TokenError.unknownKey) { try Self.verify(Array(text.utf8), published) }
            #expect(throws: TokenError.wrongSignature) { try Self.verify(Array(text.utf8), TokenMaker.keys) }
        }
        let signed = try #require(TokenVector.all.first { $0.algorithm == .rs256 })
        #expect(throws: TokenError.unknownKey) { try Self.verify(Array(signed.text.utf8), TokenMaker.keys) }
        #expect(throws: TokenError.wrongSignature) {
            try Self.verify(Array(TokenMaker.text("{}").utf8), KeySet(secrets: []))
        }
    }

    @Test("Either of two secrets verifies a token")
    func rotatesSecrets() throws {
        let other = HMACKey(Array("another secret of at least 32 bytes".utf8))
        let text = Array(TokenMaker.text("{}").utf8)
        try Self.verify(text, KeySet(secrets: [TokenMaker.secret, other]))
        try Self.verify(text, KeySet(secrets: [other, TokenMaker.secret]))
        #expect(throws: TokenError.wrongSignature) { try Self.verify(text, KeySet(secrets: [other])) }
    }

    private static func verify(_ text: [UInt8], _ keys: KeySet) throws(TokenError) {
        try JSONWebToken(text).verify(with: keys, allowing: TokenAlgorithm.allCases)
    }
}
