import Digests
import Testing

@testable import JSONWebTokens

@Suite struct JSONWebTokenTests {
    @Test(
        "A text has the form of a token if it has three parts of base64url that begin as a JSON object",
        arguments: [
            ("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", true), ("eyJhbGciOiJub25lIn0.e30.", true), ("ewogImFsZyI.e30.AA", true),
            ("ey..", true), ("ey.a-_.b", true),
            // A key that the owner made, and other texts.
            ("", false), ("e", false), ("ey", false), ("ey.", false), ("sk-abc", false), ("sk-a.b.c", false),
            ("..", false), ("a.b.c", false), ("EYJ.e30.c2ln", false), ("e30.e30.c2ln", false),
            // An encrypted token has five parts.
            ("eyJ.a.b.c.d", false), ("eyJ.a.b.c", false), ("eyJ.a", false),
            ("eyJ.a=.b", false), ("eyJ.a+.b", false), ("eyJ.a/.b", false), ("eyJ.a b.c", false), (" eyJ.a.b", false),
            ("eyJ.a.b ", false), ("eyJ.a.b\n", false), ("eyJ.é.b", false), ("eyJ.a.b\u{301}", false),
            ("ey\u{301}J.a.b", false),
        ])
    func hasForm(text: String, isToken: Bool) {
        #expect(JSONWebToken.hasForm(text.utf8) == isToken)
    }

    @Test(
        "What isn't a token in the compact form is malformed",
        arguments: [
            "", ".", "..", "...", "a", "a.b", "a.b.c", "e30.e30.", "e30.e30", "{}.{}.", "é.é.é",
            // Padding, white space, another alphabet, and spare bits.
            "eyJhbGciOiJIUzI1NiJ9.e30=.AA", "eyJhbGciOiJIUzI1NiJ9. e30.AA", "eyJhbGciOiJIUzI1NiJ9.e30.A+A",
            "eyJhbGciOiJIUzI1NiJ9.e30.AB", "eyJhbGciOiJIUzI1NiJ9.e31.AA", "eyJhbGciOiJIUzI1NiJ9.e30.A",
            "eyJhbGciOiJIUzI1NiJ9.e30.AA\n", "eyJhbGciOiJIUzI1NiJ9.e30.AA.AA", "eyJhbGciOiJIUzI1NiJ9\0.e30.AA",
        ])
    func refusesForms(text: String) {
        #expect(Self.isMalformed { try JSONWebToken(Array(text.utf8)) })
    }

    @Test(
        "Headers that aren't objects with the right members are refused",
        arguments: [
            "", " ", "[]", "null", "\"HS256\"", "1", "{", "{}{}", "{},", #"{"alg":"HS256",}"#, #"{"alg":"HS256"} x"#,
            "{}", #"{"typ":"JWT"}"#, #"{"alg":null}"#, #"{"alg":1}"#, #"{"alg":["HS256"]}"#, #"{"alg":{}}"#,
            #"{"alg":true}"#, #"{"ALG":"HS256"}"#,
            #"{"alg":"HS256","kid":1}"#, #"{"alg":"HS256","kid":null}"#, #"{"alg":"HS256","kid":["a"]}"#,
            #"{"alg":"HS256","typ":1}"#, #"{"alg":"HS256","typ":null}"#,
            // CVE-2025-59420.
            #"{"alg":"HS256","crit":["exp"],"exp":1}"#, #"{"alg":"HS256","crit":["b64"],"b64":false}"#,
            #"{"alg":"HS256","crit":[]}"#, #"{"alg":"HS256","crit":null}"#, #"{"alg":"HS256","\u0063rit":["x"]}"#,
            // Members that occur twice, also if one of them is written with an escape.
            #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","\u0061lg":"none"}"#,
            #"{"alg":"HS256","x":1,"x":1}"#, #"{"alg":"HS256","kid":"a","kid":"b"}"#, #"{"alg":"HS256","":1,"":2}"#,
        ])
    func refusesHeaders(header: String) {
        #expect(Self.isMalformed { try TokenMaker.token(header: header, "{}") })
    }

    @Test(
        "Payloads that aren't objects without members that occur twice are refused",
        arguments: [
            "", "[]", "null", "\"a\"", "1", "{", #"{"a":1,"a":1}"#, #"{"sub":"a","\u0073ub":"b"}"#, #"{"a":01}"#,
            #"{"a":NaN}"#, "{\"a\":\"\u{1}\"}", "{\"a\":1}\u{0}", "\u{FEFF}{}",
            String(repeating: #"{"a":"#, count: 65) + "1" + String(repeating: "}", count: 65),
            #"{"a":"# + String(repeating: "[", count: 4000),
        ])
    func refusesPayloads(payload: String) {
        #expect(Self.isMalformed { try TokenMaker.token(payload) })
    }

    @Test("Bytes that aren't UTF-8 are refused")
    func wantsUTF8() {
        let header = TokenMaker.base64URL(Array(#"{"alg":"HS256"}"#.utf8))
        for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]] {
            let payload = TokenMaker.base64URL(Array(#"{"sub":""#.utf8) + bytes + Array(#""}"#.utf8))
            #expect(Self.isMalformed { try JSONWebToken(Array("\(header).\(payload).AA".utf8)) })
        }
    }

    @Test("A token may have 8 KB, and keys in its header aren't used (CVE-2018-0114)")
    func readsLargeTokens() throws {
        let header = #"{"jwk":{"kty":"oct","k":"AA"},"jku":"https://a.example","x5c":["AA"],"x5u":"b","alg":"HS256"}"#
        let signer = HMACKey([0])
        let stranger = TokenMaker.text(header: header, "{}", signer: signer)
        #expect(throws: TokenError.wrongSignature) {
            try JSONWebToken(Array(stranger.utf8)).verify(with: TokenMaker.keys, allowing: [.hs256])
        }
        try TokenMaker.token(header: header, "{}").verify(with: TokenMaker.keys, allowing: [.hs256])

        let empty = TokenMaker.text(#"{"a":""}"#).utf8.count
        let room = (JSONWebToken.longest - empty) / 4 * 3
        let large = TokenMaker.text(#"{"a":"\#(String(repeating: "x", count: room))"}"#)
        #expect((JSONWebToken.longest - 4...JSONWebToken.longest).contains(large.utf8.count))
        try JSONWebToken(Array(large.utf8)).verify(with: TokenMaker.keys, allowing: [.hs256])
        let tooLarge = TokenMaker.text(#"{"a":"\#(String(repeating: "x", count: room + 4))"}"#)
        #expect(throws: TokenError.tooLong) { try JSONWebToken(Array(tooLarge.utf8)) }
        #expect(throws: TokenError.tooLong) { try JSONWebToken([UInt8](repeating: 0x2E, count: 100_000)) }
    }

    @Test("No change of some bytes makes a token valid or the parser trap")
    func survivesMutations() throws {
        let payload = #"{"iss":"a","sub":"b","aud":["c",1],"exp":1e3,"nbf":-0.5,"x":{"y":[null,true,"\ud800"]}}"#
        let header = #"{"alg":"HS256","kid":"k","typ":"JWT"}"#
        let original = TokenMaker.text(header: header, payload).utf8.split(separator: UInt8(ascii: ".")).last
        let signature = String(decoding: try #require(original), as: UTF8.self)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var (head, body) = (Array(header.utf8), Array(payload.utf8))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                if Bool.random() { Self.mutate(&head, &random) } else { Self.mutate(&body, &random) }
            }
            guard head != Array(header.utf8) || body != Array(payload.utf8) else { continue }
            let text = "\(TokenMaker.base64URL(head)).\(TokenMaker.base64URL(body)).\(signature)"
            guard let token = try? JSONWebToken(Array(text.utf8)) else { continue }
            #expect(throws: TokenError.self) {
                try token.verify(with: TokenMaker.keys, allowing: TokenAlgorithm.allCases)
            }
            _ = try? TokenRules(issuer: "a").check(token, at: 0)
            for name in ["iss", "aud", "exp", "x", "x.y"] { _ = token.claims.texts(of: name) }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SystemRandomNumberGenerator) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = .random(in: .min ... .max, using: &random)
        case 1: bytes.insert(Array(#"{}[]",:0e-\u"#.utf8).randomElement(using: &random) ?? 0, at: place)
        default: if bytes.count > 1 { bytes.remove(at: place) }
        }
    }

    private static func isMalformed(_ read: () throws -> JSONWebToken) -> Bool {
        do {
            _ = try read()
            return false
        } catch {
            guard case .malformed = error as? TokenError else { return false }
            return true
        }
    }
}
