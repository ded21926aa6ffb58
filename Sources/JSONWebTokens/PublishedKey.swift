import Digests
import JSONBytes
import Synchronization

/// A key of a JSON Web Key Set that can verify signatures: RFC 7517, section 4.
final class PublishedKey: Sendable {
    let id: [UInt8]?
    /// The only algorithm that it may be used with; nil for all of its type.
    private let algorithm: TokenAlgorithm?
    private let numbers: PublicKey
    /// What libcrypto has made of the key when it was first needed: a set may have many keys that never are.
    private let made = Mutex<VerificationKey?>(nil)

    /// - Returns: nil if the key has another purpose, a type that isn't known here, or numbers of the wrong size.
    init?(_ members: UniqueMembers) {
        guard let numbers = Self.numbers(members), Self.mayVerify(members) else { return nil }
        if let algorithm = members["alg"] {
            guard let known = algorithm.word.flatMap(TokenAlgorithm.init) else { return nil }
            self.algorithm = known
        } else {
            algorithm = nil
        }
        id = members["kid"]?.string.map { Array($0.utf8) }
        self.numbers = numbers
    }

    /// Nil if libcrypto doesn't accept the key.
    var verificationKey: VerificationKey? {
        made.withLock { made in
            if made == nil { made = VerificationKey(numbers) }
            return made
        }
    }

    func fits(_ algorithm: TokenAlgorithm, _ scheme: SignatureScheme) -> Bool {
        guard self.algorithm == nil || self.algorithm == algorithm else { return false }
        return switch (scheme, numbers) {
        case (.rsaPKCS1, .rsa), (.rsaPSS, .rsa), (.ed25519, .ed25519): true
        case (.ecdsa(let curve), .ellipticCurve(let other, _, _)): curve == other
        default: false
        }
    }

    private static func mayVerify(_ members: UniqueMembers) -> Bool {
        if let use = members["use"], use.word != "sig" { return false }
        guard let operations = members["key_ops"] else { return true }
        return operations.elements?.contains { $0.word == "verify" } == true
    }

    /// RFC 7518, section 6, and RFC 8037, section 2.
    private static func numbers(_ members: UniqueMembers) -> PublicKey? {
        let number = { name in members[name]?.string.flatMap { Base64URL.decode(Array($0.utf8)[...]) } }
        switch (members["kty"]?.word, members["crv"]?.word) {
        case ("RSA", _):
            guard let modulus = number("n"), let exponent = number("e") else { return nil }
            return PublicKey(rsaModulus: modulus, exponent: exponent)
        case ("EC", let name?):
            guard let curve = EllipticCurve(rawValue: name), let x = number("x"), let y = number("y") else {
                return nil
            }
            return PublicKey(curve, x: x, y: y)
        case ("OKP", "Ed25519"): return number("x").flatMap(PublicKey.init(ed25519:))
        default: return nil
        }
    }
}
