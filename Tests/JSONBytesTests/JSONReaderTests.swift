import Testing

@testable import JSONBytes

@Suite struct JSONReaderTests {
    private static let valid = [
        "{}", "[]", "0", "-0", "-1.5e+10", "1E5", "true", "false", "null", "\"\"", "\"a\\n\\u00e9\\ud83d\\ude00\"",
        " [ 1 , { \"a\" : [ ] , \"b\" : { } } , \"x\" ] ", "{\"a\":{\"b\":[1,2,{\"c\":null}]}}", "\t\r\n 1 ",
    ]
    private static let invalid = [
        "", " ", "{", "[", "}", "]", "{]", "[}", "[,]", "[1,]", "[1 2]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}", "{1:2}", "01", "1.", ".5", "-", "+1", "1e", "1e+", "tru", "truth", "nul", "\"", "\"\\", "\"\\x\"",
        "\"\\u12\"", "\"\\u12g4\"", "\"\u{1}\"", "\"\n\"", "1 1", "{} {}", "'a'", "NaN", "\u{FEFF}{}", "[1]]",
    ]

    @Test("A valid value is skipped to its end", arguments: valid)
    func skipsValid(text: String) throws {
        var reader = JSONReader(Array(text.utf8))
        try reader.skipValue()
        try reader.finish()
    }

    @Test("A key of many combining marks is compared by its bytes")
    func comparesKeys() throws {
        var reader = JSONReader(Array("{\"a\(String(repeating: "\u{301}\u{316}", count: 500_000))\":1,\"é\":2}".utf8))
        var found: [Int] = []
        try reader.readObject { key, reader throws(JSONError) in
            // As Swift strings, they are the same character.
            if key == "e\u{301}" { found.append(1) }
            if key == "é" { found.append(2) }
            try reader.skipValue()
        }
        #expect(found == [2])
    }

    @Test("An invalid value, or one with something after it, is an error", arguments: invalid)
    func refusesInvalid(text: String) {
        #expect(throws: JSONError.self) {
            var reader = JSONReader(Array(text.utf8))
            try reader.skipValue()
            try reader.finish()
        }
    }

    @Test(
        "Text that is cut off anywhere is an error, not a shorter value", arguments: ["{\"a\":[1,{\"b\":\"\\u00e9\"}]}"]
    )
    func refusesCut(text: String) {
        for length in 0..<text.utf8.count {
            #expect(throws: JSONError.self) {
                var reader = JSONReader(Array(text.utf8.prefix(length)))
                try reader.skipValue()
                try reader.finish()
            }
        }
    }

    @Test("Nesting is bounded by the limit, not by the stack", arguments: ["[", "{\"a\":"])
    func boundsDepth(opening: String) {
        let text = Array(String(repeating: opening, count: 100_000).utf8)
        #expect(throws: JSONError(.tooDeep, at: 512 * opening.utf8.count)) {
            var reader = JSONReader(text)
            try reader.skipValue()
        }
    }

    @Test("The maximum number of levels can be read")
    func readsToTheLimit() throws {
        let text = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        var reader = JSONReader(Array(text.utf8))
        try reader.skipValue()
        try reader.finish()
    }

    @Test(
        "A string's escapes are resolved",
        arguments: [
            ("\"plain\"", "plain"), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"),
            ("\"\\u0041\\u00e9\\u20AC\"", "Aé€"), ("\"\\uD83D\\ude00!\"", "😀!"), ("\"ü\\u00fc\"", "üü"),
            ("\"\\ud800\"", "\u{FFFD}"), ("\"\\ud800x\"", "\u{FFFD}x"), ("\"\\udc00\\ud800\"", "\u{FFFD}\u{FFFD}"),
            ("\"\\ud800\\u0041\"", "\u{FFFD}A"),
        ])
    func readsStrings(text: String, expected: String) throws {
        var reader = JSONReader(Array(text.utf8))
        #expect(try reader.readString() == expected)
        try reader.finish()
    }

    @Test("Members are read in order, whatever is skipped between them")
    func readsObjects() throws {
        var reader = JSONReader(Array(" {\"a\":[1,{}],\"b\":true , \"\\u0063\":{\"d\":false}} ".utf8))
        var seen: [String] = []
        try reader.readObject { key, reader throws(JSONError) in
            seen.append(key.text)
            if key == "b" { seen.append("\(try reader.readBool())") } else { try reader.skipValue() }
        }
        try reader.finish()
        #expect(seen == ["a", "b", "true", "c"])
    }

    @Test("Elements are read in order")
    func readsArrays() throws {
        var reader = JSONReader(Array("[\"a\", \"b\"]".utf8))
        var seen: [String] = []
        try reader.readArray { reader throws(JSONError) in seen.append(try reader.readString()) }
        #expect(seen == ["a", "b"])
    }

    @Test(
        "An integer is read to its end, whatever follows it",
        arguments: [("0", 0), ("-0", 0), ("7", 7), ("-120", -120), ("9223372036854775807", .max), (" \n12", 12)])
    func readsIntegers(text: String, expected: Int) throws {
        for rest in ["", " ", ",1", "]", "x"] {
            var reader = JSONReader(Array((text + rest).utf8))
            #expect(try reader.readInteger() == expected)
            #expect(reader.position == text.utf8.count)
        }
    }

    @Test("A list of integers that is cut off anywhere is an error, not a shorter list", arguments: ["[120, -3 ,0]"])
    func refusesCutIntegers(text: String) throws {
        for length in 0...text.utf8.count {
            var seen: [Int] = []
            var reader = JSONReader(Array(text.utf8.prefix(length)))
            let isWhole: Void? = try? reader.readArray { reader throws(JSONError) in
                seen.append(try reader.readInteger())
            }
            #expect((isWhole != nil) == (length == text.utf8.count))
            #expect(isWhole == nil || seen == [120, -3, 0])
        }
    }

    @Test(
        "A value that isn't an integer, or is too large for one, is an error",
        arguments: [
            "", "-", "1.0", "1e3", "1.5E-2", "\"1\"", "null", "true", "{}", "[1]", "9223372036854775808", "+1", ".5",
            "-99999999999999999999", "1e400", "Infinity",
        ])
    func refusesNoIntegers(text: String) {
        var reader = JSONReader(Array(text.utf8))
        #expect(throws: JSONError.self) { try reader.readInteger() }
    }

    @Test("A value of another type than the expected one is an error")
    func refusesOtherTypes() {
        #expect(throws: JSONError(.wrongType, at: 0)) {
            var reader = JSONReader(Array("1".utf8))
            _ = try reader.readString()
        }
        #expect(throws: JSONError(.wrongType, at: 0)) {
            var reader = JSONReader(Array("\"true\"".utf8))
            _ = try reader.readBool()
        }
    }

    @Test(
        "Numbers that JSON doesn't have are read only if they are allowed",
        arguments: ["NaN", "Infinity", "-Infinity"])
    func allowsNonFinite(number: String) {
        func isRead(_ text: String, _ allows: Bool) -> Bool {
            var reader = JSONReader(Array(text.utf8), allowsNonFinite: allows)
            do throws(JSONError) {
                try reader.skipValue()
                try reader.finish()
            } catch {
                return false
            }
            return true
        }
        for text in [number, "[\(number)]", #"{"a":[1,\#(number) ]}"#] {
            #expect(isRead(text, true) && !isRead(text, false))
        }
        for text in [String(number.dropLast()), number + "x", number.lowercased(), "-NaN-", "--Infinity"] {
            #expect(!isRead(text, true))
        }
    }

    @Test(
        "A whole number may have a point or an exponent",
        arguments: [
            ("0", 0), ("-3", -3), ("12.0", 12), ("1.2e1", 12), ("-0.0", 0), ("9223372036854775807", .max), ("1.5", nil),
            ("1e19", nil), ("1e400", nil),
        ] as [(String, Int?)])
    func readsWholeNumbers(text: String, number: Int?) throws {
        var reader = JSONReader(Array(text.utf8))
        #expect(try reader.readWholeNumber() == number)
        try reader.finish()
    }
}
