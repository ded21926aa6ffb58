import Digests
import Testing

@testable import JSONWebTokens

@Suite struct KeySetTests {
    private static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    private static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    /// The key of RFC 7515, A.3, without its closing brace.
    private static let p256 = #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)""#
    /// A point that isn't on the curve.
    private static let stranger = #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(x)"}"#

    /// What the published ES256 signature is, with these keys and a header that may name one.
    private static func error(_ keys: String, kid: String? = nil) throws -> TokenError? {
        let text = try #require(PublishedSignature.all.first { $0.algorithm == .es256 }).text
        let token = try JSONWebToken(Array(text.utf8))
        do {
            try KeySet(#"{"keys":[\#(keys)]}"#)
                .verify(token.signature, of: token.signingInput, .es256, kid.map { Array($0.utf8) })
            return nil
        } catch { return error }
    }

    @Test(
        "What isn't an object with a list of keys is no key set",
        arguments: [
            "", " ", "[]", "null", "{}", "{", #"{"keys":null}"#, #"{"keys":{}}"#, #"{"keys":"a"}"#, #"{"key":[]}"#,
            #"{"keys":[]}x"#, #"{"keys":[],"keys":[]}"#, #"{"keys":[}"#, "<html></html>", #"{"kty":"EC"}"#,
        ])
    func refusesOtherTexts(text: String) {
        #expect(KeySet(parsing: Array(text.utf8)) == nil)
        #expect(KeySet(parsing: Array(#"{"keys":[],"a":"#.utf8) + [0x22, 0xFF, 0x22, 0x7D]) == nil)
    }

    @Test("A key set has at most 64 KB and 1,000 keys")
    func limitsSets() {
        let set = { (count: Int) in #"{"keys":[\#(Array(repeating: "{}", count: count).joined(separator: ","))]}"# }
        #expect(KeySet(parsing: Array(set(1000).utf8)) != nil)
        #expect(KeySet(parsing: Array(set(1001).utf8)) == nil)
        let padded = { (count: Int) in Array(#"{"keys":[]}"#.utf8) + [UInt8](repeating: 0x20, count: count - 11) }
        #expect(KeySet(parsing: padded(65_536)) != nil)
        #expect(KeySet(parsing: padded(65_537)) == nil)
    }

    @Test(
        "A key for another purpose, or one that can't be used, is left out",
        arguments: [
            #"\#(p256),"use":"enc"}"#, #"\#(p256),"use":1}"#, #"\#(p256),"use":null}"#, #"\#(p256),"use":"SIG"}"#,
            #"\#(p256),"key_ops":["sign"]}"#, #"\#(p256),"key_ops":[]}"#, #"\#(p256),"key_ops":"verify"}"#,
            #"\#(p256),"key_ops":null}"#, #"\#(p256),"alg":"ES384"}"#, #"\#(p256),"alg":"RS256"}"#,
            #"\#(p256),"alg":"HS256"}"#, #"\#(p256),"alg":"ECDH-ES"}"#, #"\#(p256),"alg":1}"#, #"\#(p256),"alg":null}"#,
            #"\#(p256),"kty":"EC"}"#, #"\#(p256),"x":"\#(x)"}"#,
            #"{"kty":"EC","crv":"P-384","x":"\#(x)","y":"\#(y)"}"#, #"{"kty":"EC","crv":"P-256","x":"\#(x)"}"#,
            #"{"kty":"EC","crv":"secp256k1","x":"\#(x)","y":"\#(y)"}"#, #"{"kty":"EC","x":"\#(x)","y":"\#(y)"}"#,
            #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)A"}"#,
            #"{"kty":"EC","crv":"P-256","x":"\#(x)=","y":"\#(y)"}"#,
            #"{"kty":"EC","crv":"P-256","x":"AA\#(x)","y":"\#(y)"}"#, #"{"kty":"EC","crv":"P-256","x":"","y":""}"#,
            #"{"kty":"EC","crv":"P-256","x":1,"y":2}"#, #"{"kty":"ec","crv":"P-256","x":"\#(x)","y":"\#(y)"}"#,
            #"{"kty":"OKP","crv":"Ed448","x":"\#(x)"}"#, #"{"kty":"OKP","crv":"X25519","x":"\#(x)"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)"}"#, #"{"kty":"oct","k":"\#(x)"}"#, #"{"kty":"RSA","n":"AQAB"}"#,
            #"{"kty":"RSA","n":"\#(x)","e":"AQAB"}"#, "{}", "null", "1", "\"a\"", "[]", #"{"kty":null}"#,
            #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)","x5c":[],"x5c":[]}"#,
        ])
    func leavesOut(key: String) throws {
        #expect(try Self.error(key) == .unknownKey)
        #expect(try Self.error("\(key),\(Self.p256)}") == nil)
    }

    @Test(
        "A key that says it is for this is used, whatever else it says",
        arguments: [
            #""use":"sig""#, #""alg":"ES256""#, #""key_ops":["sign","verify"]"#, #""kid":1"#, #""kid":null"#,
            #""ext":true"#,
            #""x5c":["AA"],"x5t":"a","d":"AA","k":"AA""#,
        ])
    func uses(members: String) throws {
        #expect(try Self.error("\(Self.p256),\(members)}") == nil)
    }

    @Test("A header that names a key gets the first one with that name that fits, and no other")
    func findsByName() throws {
        let (a, b) = (#"\#(Self.p256),"kid":"a"}"#, #"\#(Self.p256),"kid":"b"}"#)
        let otherA = #"{"kty":"OKP","crv":"Ed25519","x":"\#(Self.x)","kid":"a"}"#
        #expect(try Self.error(a, kid: "a") == nil)
        #expect(try Self.error("\(b),\(otherA),\(a),\(a)", kid: "a") == nil)
        for kid in ["", "A", "c", "a\u{301}"] { #expect(try Self.error("\(a),\(b)", kid: kid) == .unknownKey) }
        #expect(try Self.error("\(Self.p256)}", kid: "a") == .unknownKey)
        #expect(try Self.error(otherA, kid: "a") == .unknownKey)
        #expect(try Self.error(#"\#(Self.p256),"kid":"é"}"#, kid: "e\u{301}") == .unknownKey)
    }

    @Test("A header that names no key gets the only one that fits")
    func findsOnlyOne() throws {
        let other = #"{"kty":"OKP","crv":"Ed25519","x":"\#(Self.x)"}"#
        #expect(try Self.error("\(other),\(Self.p256),\"kid\":\"a\"},\(other)") == nil)
        #expect(try Self.error("\(Self.p256)},\(Self.p256)}") == .unknownKey)
        #expect(try Self.error("") == .unknownKey)
    }

    @Test("A point that isn't on the curve is no key, and no other key is tried in its place")
    func refusesStrangers() throws {
        let named = Self.stranger.dropLast() + #","kid":"a"}"#
        #expect(try Self.error(Self.stranger) == .unknownKey)
        #expect(try Self.error("\(named),\(Self.p256),\"kid\":\"a\"}", kid: "a") == .unknownKey)
    }

    @Test("No junk in place of a key set traps")
    func survivesJunk() {
        let text = Array(TokenVector.keySet.utf8)
        for count in stride(from: 0, to: text.count, by: 5) {
            #expect(KeySet(parsing: Array(text[..<count])) == nil)
            var other = text
            other[count] = UInt8(truncatingIfNeeded: count)
            _ = KeySet(parsing: other)
        }
    }
}
