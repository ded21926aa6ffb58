import Digests
import JSONBytes
import JSONWebTokens

/// What is read as a token has its form, at most 8 KB, and two JSON objects; what is read as a key set is a JSON
/// object. No token is verified that a secret hasn't signed. A user's ID is short and has no control characters.
enum TokenFuzz: FuzzTarget {
    private static let secret = HMACKey(Array("a secret of at least 32 bytes, not guessed".utf8))

    /// The first line is the token, or its header and payload as JSON with a tab between them. The rest is the key set.
    static func check(_ input: [UInt8]) {
        let lines = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let keys = KeySet(parsing: lines.count > 1 ? Array(lines[1]) : [])
        require(keys == nil || isObject(Array(lines[1])), "a key set isn't a JSON object")
        let text = token(Array(lines[0]))
        guard let token = try? JSONWebToken(text) else { return }
        require(text.count <= JSONWebToken.longest, "a token is too long")
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        require(parts.count == 3, "a token doesn't have three parts")
        require(parts[..<2].allSatisfy { isObject(Base64URL.decode($0) ?? []) }, "a part isn't a JSON object")

        for keys in [keys, KeySet(secrets: [secret])] {
            guard let keys else { continue }
            let isVerified = (try? token.verify(with: keys, allowing: TokenAlgorithm.allCases)) != nil
            require(!isVerified, "a token is verified that wasn't signed")
        }
        let claims = token.claims
        var rules = TokenRules(issuer: claims.issuer ?? "")
        rules.clientIDs = claims.texts(of: "client_id") + ["c"]
        rules.requirements = [ClaimRequirement("a.b", in: claims.texts(of: "a.b") + ["c"])]
        guard let user = try? rules.check(token, at: 1_767_225_600) else { return }
        require((1...256).contains(user.utf8.count), "a user's ID has a wrong length")
        require(user.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "a user's ID has a control character")
    }

    private static func isObject(_ text: [UInt8]) -> Bool {
        text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{") && JSONGrammar.accepts(text)
    }

    private static func token(_ line: [UInt8]) -> [UInt8] {
        let parts = line.split(separator: 0x09, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return line }
        return Array(parts.map { base64URL(Array($0)) }.joined(separator: ".".utf8)) + Array(".AAAA".utf8)
    }

    private static func base64URL(_ bytes: [UInt8]) -> [UInt8] {
        Base64.encode(bytes).utf8.filter { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
    }
}
