import Testing

@testable import Proxy

@Suite struct RequestBodyTests {
    private func rewrite(_ body: String, _ rule: Route.BodyRule = .json(model: "m")) throws -> String {
        let route = Samples.route(rule)
        return String(decoding: try RequestBody(Array(body.utf8), for: route).bytes(for: route), as: UTF8.self)
    }

    @Test(
        "A model is filled in if there is none, and everything else stays byte for byte",
        arguments: [
            ("{}", #"{"model":"m"}"#), (" { } ", #" {"model":"m" } "#), (#"{"a":1}"#, #"{"model":"m","a":1}"#),
            (#"{"a": {"model":"x"} , "b":"é\u00e9"}"#, #"{"model":"m","a": {"model":"x"} , "b":"é\u00e9"}"#),
            (#"{"Model":1}"#, #"{"model":"m","Model":1}"#),
        ])
    func fillsIn(body: String, expected: String) throws {
        #expect(try rewrite(body) == expected)
    }

    @Test(
        "A body that names its model isn't changed",
        arguments: [#"{"model":"x","a":[1, 2]}"#, "{ \"a\" : 1 ,\n \"m\\u006fdel\":\"\" }", #"{"model":null}"#])
    func keepsModel(body: String) throws {
        #expect(try rewrite(body) == body)
    }

    @Test("The table's model may be empty, is escaped, and may be missing")
    func fillsInOddModels() throws {
        #expect(try rewrite("{}", .json(model: "")) == #"{"model":""}"#)
        #expect(try rewrite("{}", .json(model: "a\"b")) == #"{"model":"a\"b"}"#)
        #expect(try rewrite("{ }", .json(model: nil)) == "{ }")
    }

    @Test("A compressed body is refused; a Content-Encoding that names no coding is ignored")
    func refusesCompressed() throws {
        for body in [[0x1F, 0x8B], Array("{}".utf8), []] as [[UInt8]] {
            #expect(throws: ProxyError.bodyEncoded("GZIP")) {
                try RequestBody(body, encoding: "GZIP", for: Samples.route())
            }
        }
        for encoding in ["", "identity", "none", "utf-8"] {
            _ = try RequestBody(Array("{}".utf8), encoding: encoding, for: Samples.route())
        }
        _ = try RequestBody([0x1F, 0x8B], encoding: "gzip", for: Samples.route(.opaque))
    }

    @Test(
        "Anything but a JSON object is refused",
        arguments: [
            "", " ", "[]", "null", "\"text\"", "{", "{}{}", "{'a':1}", "model=x", "{\"a\":1,}", "{\"a\":\"\u{1}\"}",
            String(repeating: "[", count: 100_000), "{\"a\":" + String(repeating: "{\"a\":", count: 100_000),
        ])
    func refuses(body: String) {
        #expect {
            try rewrite(body)
        } throws: { error in
            guard case .invalidBody = error as? ProxyError else { return false }
            return true
        }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func refusesInvalidUTF8() {
        let body = Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)
        #expect(throws: ProxyError.invalidBody("it is not UTF-8")) {
            try RequestBody(body, for: Samples.route())
        }
    }

    @Test(
        "A byte order mark isn't forwarded, and changes are applied at the right places without it",
        arguments: [
            (#"{"model":"x","a":"\#u{FEFF}"}"#, #"{"model":"x","a":"\#u{FEFF}"}"#), ("{}", #"{"model":"m"}"#),
            ("\n{\"a\":1} ", "\n{\"model\":\"m\",\"a\":1} "),
        ])
    func skipsByteOrderMark(body: String, expected: String) throws {
        #expect(try rewrite("\u{FEFF}" + body) == expected)
        let route = Samples.route { $0.modelAliases = ["x": "a long name for x"] }
        let aliased = try RequestBody(Array("\u{FEFF}\(body)".utf8), for: route).bytes(for: route)
        let replaced = expected.split(separator: #""x""#, omittingEmptySubsequences: false)
            .joined(separator: #""a long name for x""#)
        #expect(String(decoding: aliased, as: UTF8.self) == replaced)
    }

    @Test("A byte order mark passes if the body isn't read", arguments: ["", "{}", "not JSON"])
    func passesByteOrderMark(body: String) throws {
        #expect(try Array(rewrite("\u{FEFF}" + body, .opaque).utf8) == [0xEF, 0xBB, 0xBF] + Array(body.utf8))
    }

    @Test("A byte order mark alone isn't a body, and only one is skipped", arguments: ["", "\u{FEFF}{}", "[]"])
    func readsBehindByteOrderMark(body: String) {
        #expect {
            try rewrite("\u{FEFF}" + body)
        } throws: { error in
            guard case .invalidBody = error as? ProxyError else { return false }
            return true
        }
    }

    @Test(
        "The error for another encoding asks for UTF-8",
        arguments: [
            ("UTF-16", [0xFF, 0xFE, 0x7B, 0, 0x7D, 0]), ("UTF-16", [0xFE, 0xFF, 0, 0x7B, 0, 0x7D]),
            ("UTF-16", [0x7B, 0, 0x7D, 0]), ("UTF-16", [0, 0x7B, 0, 0x7D]), ("UTF-16", [0x7B, 0]),
            ("UTF-16", [0xFF, 0xFE]),
            ("UTF-16", [0xFF, 0xFE, 0x7B, 0]), ("UTF-32", [0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0]),
            ("UTF-32", [0, 0, 0xFE, 0xFF, 0, 0, 0, 0x7B]), ("UTF-32", [0x7B, 0, 0, 0, 0x7D, 0, 0, 0]),
            ("UTF-32", [0, 0, 0, 0x7B, 0, 0, 0, 0x7D]),
        ] as [(String, [UInt8])])
    func refusesOtherEncodings(name: String, body: [UInt8]) throws {
        #expect(throws: ProxyError.invalidBody("it is \(name); send UTF-8")) {
            try RequestBody(body, for: Samples.route())
        }
        let route = Samples.route(.opaque)
        #expect(try RequestBody(body, for: route).bytes(for: route) == body)
    }

    @Test(
        "Two models are refused, however they are spelled",
        arguments: [#"{"model":"a","model":"b"}"#, #"{"model":"a","x":{},"\u006dodel":"b"}"#])
    func refusesTwoModels(body: String) {
        #expect(throws: ProxyError.duplicateModel) { try rewrite(body) }
    }

    @Test("A body that isn't read as JSON passes as it is", arguments: ["", "not json", "{\"model\":1,\"model\":2}"])
    func passesOpaque(body: String) throws {
        #expect(try rewrite(body, .opaque) == body)
    }

    @Test(
        "A body of very many values is refused, since it would take longer to read than a long prompt",
        arguments: [
            ("\"a\":0", "", 50_000, 200_000), ("", "0", 520_000, 530_000), ("", "[]", 65_000, 66_000),
            ("", "\"\"", 65_000, 66_000), ("", "null", 520_000, 530_000),
        ])
    func boundsValues(member: String, element: String, passes: Int, fails: Int) throws {
        for (count, isGood) in [(passes, true), (fails, false)] {
            let values = Array(repeating: member + element, count: count).joined(separator: ",")
            let body = member.isEmpty ? "{\"messages\":[\(values)]}" : "{\(values)}"
            #expect(((try? rewrite(body)) != nil) == isGood)
            guard !isGood else { continue }
            #expect(throws: ProxyError.tooManyValues(limit: 65_536)) { try rewrite(body) }
        }
    }

    @Test("The error for too many values says how many there may be")
    func tellsTheLimit() {
        let message = ProxyError.tooManyValues(limit: 65_536).message
        #expect(message.hasPrefix("The body has more than 65536 names, strings, objects and arrays"))
    }

    @Test("A body over the size limit is refused, whatever it contains")
    func boundsSize() throws {
        let limit = RequestBody.limit
        let body = [UInt8](repeating: 0x20, count: limit + 1)
        #expect(throws: ProxyError.bodyTooLarge(limit: limit)) {
            try RequestBody(body, for: Samples.route(.opaque))
        }
        let route = Samples.route(.opaque)
        #expect(try RequestBody(Array(body.dropLast()), for: route).bytes(for: route).count == limit)
    }
}
