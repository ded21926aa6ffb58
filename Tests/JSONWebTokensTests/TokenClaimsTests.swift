import Testing

@testable import JSONWebTokens

@Suite struct TokenClaimsTests {
    @Test(
        "The texts of a claim are those of a string, a number or a Boolean, or of a list of them",
        arguments: [
            (#""a""#, ["a"]), (#""""#, [""]), ("1", ["1"]), ("1.0", ["1.0"]), ("-1E+2", ["-1E+2"]), ("true", ["true"]),
            ("false", ["false"]), (#"["a","b"]"#, ["a", "b"]), (#"[1, true ,"x"]"#, ["1", "true", "x"]), ("[]", []),
            ("null", []), ("{}", []), (#"{"a":"b"}"#, []), (#"["a",null]"#, []), (#"["a",["b"]]"#, []),
            (#"["a",{}]"#, []), (#""\u0061\n""#, ["a\n"]), (#""é""#, ["é"]),
        ])
    func readsTexts(value: String, texts: [String]) throws {
        let claims = try TokenMaker.token(#"{"other":1,"claim": \#(value) }"#).claims
        #expect(claims.texts(of: "claim") == texts)
        #expect(claims.text(of: "claim") == (value.hasPrefix("\"") ? texts.first : nil))
        #expect(claims.texts(of: "missing") == [] && claims.text(of: "missing") == nil)
    }

    @Test(
        "A name may be a path through objects, but a claim with exactly that name wins",
        arguments: [
            (#"{"realm_access":{"roles":["a","b"]}}"#, "realm_access.roles", ["a", "b"]),
            (#"{"realm_access":{"roles":["a"]},"realm_access.roles":"exact"}"#, "realm_access.roles", ["exact"]),
            (#"{"realm_access":{"roles":["a"]},"realm_access.roles":null}"#, "realm_access.roles", []),
            (#"{"https://a.example/app":{"role":"x"}}"#, "https://a.example/app.role", ["x"]),
            (#"{"https://a.example/role":"x"}"#, "https://a.example/role", ["x"]),
            (#"{"a":{"b":{"c":1}}}"#, "a.b.c", ["1"]), (#"{"a":{"b.c":1}}"#, "a.b.c", ["1"]),
            (#"{"a.b":{"c":1}}"#, "a.b.c", ["1"]), (#"{"a":{"b.c":1,"b":{"c":2}}}"#, "a.b.c", ["1"]),
            (#"{"":{"":1}}"#, ".", ["1"]), (#"{"a":{"":1}}"#, "a.", ["1"]), (#"{"a":1}"#, "a.", []),
            (#"{"a":1}"#, "", []), (#"{"a":1}"#, ".", []), (#"{"a":"b"}"#, "a.b", []), (#"{"a":["b"]}"#, "a.0", []),
            // An object in which a name occurs twice has no members.
            (#"{"a":{"b":1,"b":2}}"#, "a.b", []), (#"{"a":{"b":1,"c":2,"c":2}}"#, "a.b", []),
            // Names are compared by their bytes.
            ("{\"e\u{301}\":1}", "é", []), (#"{"\u0061":1}"#, "a", ["1"]),
        ])
    func followsPaths(payload: String, name: String, texts: [String]) throws {
        #expect(try TokenMaker.token(payload).claims.texts(of: name) == texts)
    }

    @Test(
        "A date is a number, with or without fraction and exponent, rounded down",
        arguments: [
            ("0", 0), ("1300819380", 1_300_819_380), ("1300819380.9", 1_300_819_380), ("1.3E9", 1_300_000_000),
            ("13e+8", 1_300_000_000), ("-0.5", -1), ("-1", -1), ("-0", 0), ("1e12", 1_000_000_000_000), ("1e-400", 0),
            ("-1e12", -1_000_000_000_000), ("1.00000000000000000000000000000000000001", 1),
        ])
    func readsDates(text: String, date: Int64) throws {
        #expect(try TokenMaker.token(#"{"exp":\#(text)}"#).claims.expires == date)
    }

    @Test(
        "Anything else is no date",
        arguments: [
            "1000000000001", "-1000000000001", "1e13", "1e308", "1e309", "-1e309", "1e999999999999999999", "\"1\"",
            "null", "true", "[1]", "{}", "9223372036854775808", "\"\"", "1" + String(repeating: "0", count: 5000),
        ])
    func refusesDates(text: String) throws {
        #expect(try TokenMaker.token(#"{"exp":\#(text)}"#).claims.expires == nil)
    }

    @Test func theIssuerIsAString() throws {
        #expect(try TokenMaker.token(#"{"iss":"https://a.example"}"#).claims.issuer == "https://a.example")
        for payload in ["{}", #"{"iss":null}"#, #"{"iss":1}"#, #"{"iss":["a"]}"#] {
            #expect(try TokenMaker.token(payload).claims.issuer == nil)
        }
    }
}
