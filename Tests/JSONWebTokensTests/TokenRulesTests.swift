import Testing

@testable import JSONWebTokens

@Suite struct TokenRulesTests {
    private static let now: Int64 = 1_767_225_600

    private static func user(
        header: String = #"{"alg":"HS256"}"#, _ claims: String, at now: Int64 = now,
        _ change: (inout TokenRules) -> Void = { _ in }
    ) throws(TokenError) -> String {
        var rules = TokenRules(issuer: "https://a.example")
        change(&rules)
        return try rules.check(try TokenMaker.token(header: header, "{\(claims)}"), at: now)
    }

    /// The claims of a token that is accepted, with others in their place or behind them.
    private static func claims(
        iss: String = #""https://a.example""#, exp: String = "1767225660", sub: String = #""u""#, _ more: String = ""
    ) -> String {
        #""iss":\#(iss),"exp":\#(exp),"sub":\#(sub)"# + (more.isEmpty ? "" : ",\(more)")
    }

    @Test(
        "The issuer is compared byte by byte",
        arguments: [
            #""https://a.example/""#, #""https://A.example""#, #""https://a.exampl""#, #""""#, "null", "1",
            #"["https://a.example"]"#, #""https://a.example\u0000""#, #""https://a\u0301.example""#,
        ])
    func checksIssuer(iss: String) throws {
        #expect(try Self.user(Self.claims()) == "u")
        #expect(throws: TokenError.wrongIssuer) { try Self.user(Self.claims(iss: iss)) }
    }

    @Test("The type is that of a token, in any case and with or without a prefix")
    func checksType() throws {
        for type in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/jwt", "Application/AT+JWT"] {
            #expect(try Self.user(header: #"{"alg":"HS256","typ":"\#(type)"}"#, Self.claims()) == "u")
        }
        for type in [
            "", "JWS", "JOSE", "logout+jwt", "dpop+jwt", "secevent+jwt", "application/", "application/x/jwt",
            "text/jwt",
            " JWT", "JWT\\u0000", "K\\u212aWT", "id_token",
        ] {
            #expect(throws: TokenError.wrongUse) {
                try Self.user(header: #"{"alg":"HS256","typ":"\#(type)"}"#, Self.claims())
            }
        }
        for events in ["{}", "null", "1", #"{"http://schemas.openid.net/event/backchannel-logout":{}}"#] {
            #expect(throws: TokenError.wrongUse) { try Self.user(Self.claims(#""events":\#(events)"#)) }
        }
    }

    @Test("A use must be the claim token_use, and an ID token isn't of the type of an access token")
    func checksUse() throws {
        let accessType = #"{"alg":"HS256","typ":"at+jwt"}"#
        for use in TokenUse.allCases {
            let right = Self.claims(#""token_use":"\#(use.rawValue)""#)
            #expect(try Self.user(right) { $0.use = use } == "u")
            for other in TokenUse.allCases where other != use {
                #expect(throws: TokenError.wrongUse) { try Self.user(right) { $0.use = other } }
            }
            for wrong in ["", #""token_use":null"#, #""token_use":["\#(use.rawValue)"]"#, #""token_use":"""#] {
                #expect(throws: TokenError.wrongUse) { try Self.user(Self.claims(wrong)) { $0.use = use } }
            }
        }
        #expect(try Self.user(header: accessType, Self.claims(#""token_use":"access""#)) { $0.use = .access } == "u")
        #expect(throws: TokenError.wrongUse) {
            try Self.user(header: accessType, Self.claims(#""token_use":"id""#)) { $0.use = .id }
        }
    }

    @Test(
        "One of the audiences must be named",
        arguments: [
            (#""aud":"api""#, true), (#""aud":["x","api"]"#, true), (#""aud":["b"]"#, true), ("", false),
            (#""aud":"x""#, false), (#""aud":[]"#, false), (#""aud":"""#, false), (#""aud":"ap""#, false),
            (#""aud":"API""#, false), (#""aud":"api b""#, false),
        ])
    func checksAudience(claim: String, isRight: Bool) throws {
        let check = { try Self.user(Self.claims(claim)) { $0.audiences = ["api", "b"] } }
        if isRight { #expect(try check() == "u") } else { #expect(throws: TokenError.wrongAudience) { try check() } }
        #expect(try Self.user(Self.claims(claim)) == "u")
    }

    @Test("An audience that isn't a string or a list of strings is refused, even if it isn't checked")
    func refusesOddAudiences() {
        for audience in ["null", "1", "true", "{}", #"["api",1]"#, #"["api",null]"#, #"[["api"]]"#] {
            #expect(throws: TokenError.wrongAudience) { try Self.user(Self.claims(#""aud":\#(audience)"#)) }
            #expect(throws: TokenError.wrongAudience) {
                try Self.user(Self.claims(#""aud":\#(audience)"#)) { $0.audiences = ["api"] }
            }
        }
    }

    @Test(
        "The client is client_id, else azp, else the only audience",
        arguments: [
            (#""client_id":"web""#, true), (#""azp":"web""#, true), (#""aud":"web""#, true), (#""aud":["web"]"#, true),
            (#""client_id":"web","azp":"x","aud":"y""#, true), (#""azp":"web","aud":["a","b"]"#, true),
            ("", false), (#""client_id":"x","azp":"web","aud":"web""#, false), (#""azp":"x","aud":"web""#, false),
            (#""aud":["web","b"]"#, false), (#""client_id":null,"azp":"web""#, false), (#""client_id":["web"]"#, false),
            (#""azp":1,"aud":"web""#, false), (#""client_id":"""#, false), (#""aud":[]"#, false),
        ])
    func checksClient(claims: String, isRight: Bool) throws {
        let check = { try Self.user(Self.claims(claims)) { $0.clientIDs = ["app", "web"] } }
        if isRight { #expect(try check() == "u") } else { #expect(throws: TokenError.wrongClient) { try check() } }
    }

    @Test("Required claims must have one of the values, or be a list with one of them")
    func checksRequirements() throws {
        let requirement = ClaimRequirement("x.groups", in: ["admins", "true"])
        for value in [#""admins""#, "true", #"["users","admins"]"#, #"[true]"#, #""\u0061dmins""#] {
            let claims = Self.claims(#""x":{"groups":\#(value)}"#)
            #expect(try Self.user(claims) { $0.requirements = [requirement] } == "u")
            #expect(throws: TokenError.wrongClaim("y")) {
                try Self.user(claims) { $0.requirements = [requirement, ClaimRequirement("y", in: ["1"])] }
            }
        }
        for value in [#""users""#, "false", "[]", "null", "{}", #"["admins",{}]"#, #""Admins""#, #""admins ""#] {
            #expect(throws: TokenError.wrongClaim("x.groups")) {
                try Self.user(Self.claims(#""x":{"groups":\#(value)}"#)) { $0.requirements = [requirement] }
            }
        }
        #expect(throws: TokenError.wrongClaim("sub")) {
            try Self.user(Self.claims()) { $0.requirements = [ClaimRequirement("sub", in: [])] }
        }
    }

    @Test("A token expires a minute after exp, which it must have")
    func checksExpiry() throws {
        let exp = Self.now
        let claims = Self.claims(exp: "\(exp)")
        for time in [0, exp - 1, exp, exp + 59, .min] { #expect(try Self.user(claims, at: time) == "u") }
        for time in [exp + 60, exp + 61, .max] {
            #expect(throws: TokenError.expired) { try Self.user(claims, at: time) }
        }
        #expect(try Self.user(Self.claims(exp: "\(exp).9"), at: exp + 59) == "u")
        for wrong in ["null", "\"\(exp)\"", "1e13", "[1]", "true"] {
            #expect(throws: TokenError.wrongClaim("exp")) { try Self.user(Self.claims(exp: wrong)) }
        }
        #expect(throws: TokenError.wrongClaim("exp")) { try Self.user(#""iss":"https://a.example","sub":"u""#) }
    }

    @Test("A token is valid from a minute before nbf and iat on, if they are there", arguments: ["nbf", "iat"])
    func checksStart(name: String) throws {
        let claims = Self.claims(exp: "1e12", #""\#(name)":\#(Self.now)"#)
        for time in [Self.now - 60, Self.now - 59, Self.now, Self.now + 1_000_000] {
            #expect(try Self.user(claims, at: time) == "u")
        }
        for time in [Self.now - 61, 0, .min] {
            #expect(throws: TokenError.notYetValid) { try Self.user(claims, at: time) }
        }
        for wrong in ["null", "\"1\"", "1e13", "true", "[]"] {
            #expect(throws: TokenError.wrongClaim(name)) { try Self.user(Self.claims(#""\#(name)":\#(wrong)"#)) }
        }
    }

    @Test("A token isn't valid for longer than its issuer's may be, and a minute")
    func checksMaxAge() throws {
        for ahead in [0, 3600, 3660] as [Int64] {
            #expect(try Self.user(Self.claims(exp: "\(Self.now + ahead)")) { $0.maxAge = 3600 } == "u")
        }
        for ahead in [3661, 1_000_000] as [Int64] {
            #expect(throws: TokenError.validTooLong) {
                try Self.user(Self.claims(exp: "\(Self.now + ahead)")) { $0.maxAge = 3600 }
            }
        }
        #expect(try Self.user(Self.claims(exp: "1e12")) { $0.maxAge = .max } == "u")
        #expect(try Self.user(Self.claims(exp: "1e12")) == "u")
    }

    @Test("The user is a string of 1 to 256 bytes without control characters")
    func checksUser() throws {
        let longest = String(repeating: "x", count: 256)
        for user in [longest, "a b", "ü/%", "auth0|1", String(repeating: "é", count: 128)] {
            #expect(try Self.user(Self.claims(sub: "\"\(user)\"")) == user)
        }
        for wrong in [
            "null", "1", "true", #"["u"]"#, "{}", #""""#, #""\#(longest)x""#, #""a\u0000""#, #""a\nb""#, #""\u007f""#,
            #""\u0085""#, #""\ud800""#, #""\udfffx""#,
        ] {
            #expect(throws: TokenError.wrongClaim("sub")) { try Self.user(Self.claims(sub: wrong)) }
        }
        #expect(try Self.user(Self.claims(#""email":"a@b.example""#)) { $0.userClaim = "email" } == "a@b.example")
        #expect(throws: TokenError.wrongClaim("email")) { try Self.user(Self.claims()) { $0.userClaim = "email" } }
    }

    @Test("Of several things that are wrong, the most useful one is reported")
    func ordersErrors() {
        let strict = { (rules: inout TokenRules) in
            (rules.use, rules.audiences, rules.clientIDs) = (.access, ["api"], ["web"])
            (rules.requirements, rules.maxAge) = ([ClaimRequirement("plan", in: ["pro"])], 60)
        }
        let cases: [(String, TokenError)] = [
            (#""sub":1"#, .wrongIssuer), (#""iss":"https://a.example""#, .wrongUse),
            (#""iss":"https://a.example","token_use":"access""#, .wrongAudience),
            (#""iss":"https://a.example","token_use":"access","aud":"api""#, .wrongClient),
            (#""iss":"https://a.example","token_use":"access","aud":"api","azp":"web""#, .wrongClaim("plan")),
            (
                #""iss":"https://a.example","token_use":"access","aud":"api","azp":"web","plan":"pro","exp":1,"nbf":1e12"#,
                .expired
            ),
        ]
        for (claims, error) in cases { #expect(throws: error) { try Self.user(claims, strict) } }
    }

    @Test("Messages can stand in a header, and name no more than a claim")
    func describesErrors() {
        let errors: [TokenError] = [
            .malformed("it does not have three parts"), .tooLong, .algorithmNotAllowed, .unknownKey, .wrongSignature,
            .wrongIssuer, .wrongAudience, .wrongClient, .wrongUse, .expired, .notYetValid, .validTooLong,
            .wrongClaim("exp"), .wrongClaim("a\"b\\c\u{E9}\n"),
        ]
        for error in errors {
            #expect(error.message.utf8.allSatisfy { (0x20...0x7E).contains($0) && ![0x22, 0x5C].contains($0) })
            #expect(error.message.utf8.count < 120)
        }
        #expect(TokenError.expired.message.hasPrefix("The token has expired"))
        #expect(TokenError.wrongClaim("a\"b\\c\u{E9}\n").message.hasPrefix("The claim a?b?c??? of the token"))
    }
}
