import Testing

@testable import Proxy

@Suite struct ModelReplacementTests {
    private func rewrite(
        _ body: String, aliases: [String: String] = ["fast": "gpt-4o-mini", "é\"": "e", "": "empty"],
        fallback: Bool = false, _ rule: Route.BodyRule = .json(model: "m")
    ) throws -> String {
        var route = Samples.route(rule) { $0.modelAliases = aliases }
        route.isFallback = fallback
        return String(decoding: try RequestBody(Array(body.utf8), for: route).bytes(for: route), as: UTF8.self)
    }

    @Test(
        "An alias is replaced in place, however it is written; everything else stays byte for byte",
        arguments: [
            (#"{"model":"fast"}"#, #"{"model":"gpt-4o-mini"}"#),
            (#" {"a":[1] ,"model" : "fast" , "b":"fast"} "#, #" {"a":[1] ,"model" : "gpt-4o-mini" , "b":"fast"} "#),
            (#"{"m\u006fdel":"f\u0061st"}"#, #"{"m\u006fdel":"gpt-4o-mini"}"#),
            (#"{"model":"\u00e9\""}"#, #"{"model":"e"}"#), (#"{"model":"é\u0022"}"#, #"{"model":"e"}"#),
            (#"{"model":"","x":{"model":"fast"}}"#, #"{"model":"empty","x":{"model":"fast"}}"#),
        ])
    func replaces(body: String, expected: String) throws {
        #expect(try rewrite(body) == expected)
        #expect(try rewrite(body, fallback: true) == expected)
    }

    @Test(
        "A name that isn't an alias stays as it is",
        arguments: [
            #"{"model":"Fast"}"#, #"{"model":"fast "}"#, #"{"model":null}"#, #"{"model":["fast"]}"#,
            #"{"model":"gpt-4o-mini"}"#, #"{"x":"fast","model":1}"#,
        ])
    func keeps(body: String) throws {
        #expect(try rewrite(body) == body)
    }

    @Test("A model's name is escaped if it needs to be")
    func escapes() throws {
        #expect(try rewrite(#"{"model":"a"}"#, aliases: ["a": "b\"\\\n"]) == #"{"model":"b\"\\\n"}"#)
    }

    @Test(
        "A fallback gets its own model in place of one that was meant for another server",
        arguments: [
            (#"{"model":"gpt-4o"}"#, #"{"model":"m"}"#), (#"{"model":"g\u0070t"}"#, #"{"model":"m"}"#),
            (#"{"model":null}"#, #"{"model":"m"}"#), (#"{"model": {"a":"}"} }"#, #"{"model": "m" }"#),
            (#"{"model":"fast"}"#, #"{"model":"gpt-4o-mini"}"#), ("{}", #"{"model":"m"}"#),
        ])
    func fallsBack(body: String, expected: String) throws {
        #expect(try rewrite(body, fallback: true) == expected)
    }

    @Test("The table's own model may be an alias, both when it is filled in and when it replaces another")
    func fillsInAliases() throws {
        let rule = Route.BodyRule.json(model: "fast")
        #expect(try rewrite("{}", rule) == #"{"model":"gpt-4o-mini"}"#)
        #expect(try rewrite("{}", fallback: true, rule) == #"{"model":"gpt-4o-mini"}"#)
        #expect(try rewrite(#"{"model":"x"}"#, fallback: true, rule) == #"{"model":"gpt-4o-mini"}"#)
        #expect(try rewrite(#"{"model":"x"}"#, rule) == #"{"model":"x"}"#)
        #expect(try rewrite("{}", .json(model: "")) == #"{"model":"empty"}"#)
    }

    @Test("A fallback without a model of its own gets the caller's")
    func keepsCallers() throws {
        let body = #"{"model":"gpt-4o"}"#
        #expect(try rewrite(body, fallback: true, .json(model: nil)) == body)
        #expect(try rewrite("{}", fallback: true, .json(model: nil)) == "{}")
    }

    @Test("Two models are refused, alias or not; a body that isn't read stays")
    func keepsRules() throws {
        #expect(throws: ProxyError.duplicateModel) { try rewrite(#"{"model":"fast","mod\u0065l":"fast"}"#) }
        #expect(try rewrite(#"{"model":"fast"}"#, fallback: true, .opaque) == #"{"model":"fast"}"#)
    }
}
