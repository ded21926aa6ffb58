import Testing

@testable import JSONBytes

@Suite struct CanonicalJSONTests {
    private static let nines = String(repeating: "9", count: 40)

    /// Texts of the same object.
    private static let same: [[String]] = [
        ["{}", " { } ", "{\n}\t"],
        [#"{"a":1,"b":[1,{"c":2,"d":3}]}"#, #" { "b" : [ 1 , { "d" : 3 , "c" : 2 } ] , "a" : 1 } "#],
        [#"{"a":"/\"\\\b\f\n\r\t"}"#, #"{"\u0061":"\/\u0022\u005c\u0008\u000C\u000a\u000d\u0009"}"#],
        [#"{"a":"é😀\#u{7F}"}"#, #"{"a":"\u00e9\ud83d\ude00\u007f"}"#, #"{"a":"\u00E9\uD83D\uDE00\u007F"}"#],
        [#"{"a":"\uD800"}"#, #"{"a":"\ud800"}"#],
        [#"{"\u00e9":1,"z":2}"#, #"{"z":2,"é":1}"#],
        ["1", "1.0", "1e0", "1E+0", "10e-1", "0.1e1", "100e-2", "0.001e003", "1.000e-0"].map(number),
        ["0", "-0", "0.0", "-0.00e5", "0e\(nines)", "0E-\(nines)"].map(number),
        ["-1200", "-1.2e3", "-12E2", "-0.00012e+7"].map(number),
        ["0.05", "5e-2", "0.50e-1", "50e-3"].map(number),
        ["10.01", "1001e-2", "1.001e1"].map(number),
        ["1e1\(zeros)0", "0.1e1\(zeros)1", "10e\(nines)"].map(number),
        ["1e-1\(zeros)0", "10e-1\(zeros)1", "0.1e-\(nines)"].map(number),
        ["1e\(nines)", "100e\(nines.dropLast())7", "1e0\(nines)"].map(number),
    ]
    private static let zeros = String(repeating: "0", count: 39)

    /// Texts of different objects.
    private static let different: [String] =
        [
            "{}", #"{"a":{}}"#, #"{"a":[]}"#, #"{"a":null}"#, #"{"a":false}"#, #"{"a":true}"#, #"{"a":""}"#,
            #"{"a":"1"}"#, #"{"a":"null"}"#, #"{"a":[1]}"#, #"{"a":[[1]]}"#, #"{"a":[1,2]}"#, #"{"a":[2,1]}"#,
            #"{"a":[12]}"#, #"{"a":{"b":1}}"#, #"{"a":{"b":1,"c":2}}"#, #"{"a":{"b":{"c":2},"d":1}}"#,
            #"{"a":[{"b":1},{"c":2}]}"#, #"{"a":[{"b":1,"c":2}]}"#, #"{"a":{"b":1},"c":2}"#, #"{"b":1,"c":2}"#,
            #"{"a":1,"a":2}"#, #"{"a":2,"a":1}"#, #"{"a":1,"a":1}"#, #"{"A":1}"#, #"{"":1}"#, #"{" ":1}"#,
            #"{"a":"\ufffd"}"#, #"{"a":"\ud800"}"#, #"{"a":"\ud801"}"#, #"{"a":"\udc00"}"#, #"{"a":"\udc00\ud800"}"#,
            #"{"a":"\ud800\udc00"}"#, #"{"a":"\\ud800"}"#, #"{"a":"\ud800\\udc00"}"#, #"{"a":"\\n"}"#, #"{"a":"\n"}"#,
            #"{"\ufffd":1}"#, #"{"\ud800":1}"#, #"{"\udc00":1}"#, #"{"\\ud800":1}"#, #"{"a\",\"b":1}"#,
            #"{"a":"é"}"#, #"{"a":"e\#u{301}"}"#, #"{"a":"a "}"#, #"{"a":" a"}"#, #"{"a":"\u0000"}"#,
        ]
        + [
            "0", "1", "-1", "10", "0.1", "0.10000000000000000001", "1e\(nines)", "1e-\(nines)", "1e\(nines)0",
            "-1e\(nines)", "100000000000000000001", "100000000000000000000", "1.01", "11e-1", "101", "1e5",
            "1e999999999999999999", "1e1000000000000000000", "1e9999999999999999999",
        ].map(number)

    private static func number(_ text: String) -> String { "{\"a\":\(text)}" }

    private func canonical(_ text: String, without name: String? = nil) throws -> String {
        let bytes = try CanonicalJSON.text(of: Array(text.utf8)) { key, _ in
            String(decoding: key, as: UTF8.self) != name
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Spellings of the same object have the same text, which stays as it is", arguments: same)
    func collapses(spellings: [String]) throws {
        let texts = try Set(spellings.map { try canonical($0) })
        let text = try #require(texts.first)
        #expect(texts.count == 1, "\(texts)")
        #expect(try canonical(text) == text)
    }

    @Test("Different objects have different texts")
    func keepsApart() throws {
        var texts: [[UInt8]: String] = [:]
        for object in Self.different {
            let text = Array(try canonical(object).utf8)
            #expect(texts[text] == nil, "\(object) and \(texts[text] ?? "")")
            texts[text] = object
            #expect(try CanonicalJSON.text(of: text) { _, _ in true } == text)
        }
    }

    @Test(
        "Members are sorted by name, and white space is left out",
        arguments: [
            (#" { "b" : [ 1.50 , { } , [ ] ] , "a" : null } "#, #"{"a":null,"b":[15e-1,{},[]]}"#),
            (#"{"ab":1,"a":2,"a ":3,"":4,"é":5,"z":6}"#, #"{"":4,"a":2,"a ":3,"ab":1,"z":6,"é":5}"#),
            (#"{"abcdefghijk":1,"abcdefghij":2,"abcdefghia":3}"#, #"{"abcdefghia":3,"abcdefghij":2,"abcdefghijk":1}"#),
            (#"{"a":{"y":[{"k":1,"j":2}],"x":true}}"#, #"{"a":{"x":true,"y":[{"j":2,"k":1}]}}"#),
            (#"{"b":1,"a":3,"b":0,"a":2}"#, #"{"a":3,"a":2,"b":1,"b":0}"#),
        ])
    func sorts(object: String, text: String) throws {
        #expect(try canonical(object) == text)
    }

    @Test("A member of the object itself can be left out, by its name without escapes")
    func leavesOut() throws {
        let object = #"{"b":{"user":1},"\u0075ser":{"a":[1,{"c":2}]},"a":1,"user":"x"}"#
        #expect(try canonical(object, without: "user") == #"{"a":1,"b":{"user":1}}"#)
        #expect(try canonical(#"{"user":1}"#, without: "user") == "{}")
    }

    @Test("The value of a member is seen as it is written")
    func showsValues() throws {
        var values: [String] = []
        let object = #"{"a": false , "b":  [1, 2] ,"c":"\u0061","d":1.0}"#
        _ = try CanonicalJSON.text(of: Array(object.utf8)) { _, value in
            values.append(String(decoding: value, as: UTF8.self))
            return true
        }
        #expect(values == ["false", "[1, 2]", #""\u0061""#, "1.0"])
    }

    @Test("Many members are sorted in any order")
    func sortsMany() throws {
        let names = (0..<1000).map { "\"\($0 * 7919 % 1000)\":\($0)" }
        let sorted = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        let expected = try canonical("{\(sorted.joined(separator: ","))}")
        #expect(try canonical("{\(names.joined(separator: ","))}") == expected)
        #expect(try canonical("{\(names.reversed().joined(separator: ","))}") == expected)
    }

    @Test(
        "What isn't one JSON object is an error",
        arguments: [
            "", " ", "[]", "1", "null", "{", "{]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1]"#,
            #"{"a":1 2}"#,
            "{} {}", "{}}", #"{"a":01}"#, #"{"a":NaN}"#, #"{"a":"\ud8"}"#, #"{"a":[1}"#, #"{1:2}"#,
        ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try canonical(text) }
    }

    @Test("Nesting is bounded as in the reader", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func boundsDepth(opening: String, closing: String) throws {
        func nested(_ depth: Int) -> String {
            let inner =
                String(repeating: opening, count: depth - 1) + "1" + String(repeating: closing, count: depth - 1)
            return #"{"a":\#(inner)}"#
        }
        #expect(try canonical(nested(512)) == nested(512))
        #expect(throws: JSONError.self) { try canonical(nested(513)) }
    }
}
