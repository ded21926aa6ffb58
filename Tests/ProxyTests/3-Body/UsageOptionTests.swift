import FoundationEssentials
import HTTPTypes
import Testing

@testable import Proxy

@Suite struct UsageOptionTests {
    private static let option = #""stream_options":{"include_usage":true}"#

    private func route(_ model: String? = nil, asks: Bool = true) -> Route {
        var route = Samples.route(.json(model: model)) { $0.modelAliases = ["fast": "gpt-4o-mini"] }
        route.asksForUsage = asks
        return route
    }

    private func rewrite(_ body: String, _ route: Route) throws -> String {
        let body = try RequestBody(Array(body.utf8), for: route)
        let output = body.bytes(for: route)
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        "A stream's usage is requested, and everything else stays byte for byte",
        arguments: [
            (#"{"stream":true}"#, #"{\#(option),"stream":true}"#),
            (" {\n\t\"stream\" : true , \"x\":1e400 } ", " {\(option),\n\t\"stream\" : true , \"x\":1e400 } "),
            (#"{"str\u0065am":true}"#, #"{\#(option),"str\u0065am":true}"#),
            (#"{"x":{"stream_options":{}},"stream":true}"#, #"{\#(option),"x":{"stream_options":{}},"stream":true}"#),
            (#"{"stream":true,"stream_options":{}}"#, #"{"stream":true,"stream_options":{"include_usage":true}}"#),
            (#"{"stream":true,"stream_options":null}"#, #"{"stream":true,"stream_options":{"include_usage":true}}"#),
            (
                #"{"stream":true,"stream_options":{"include_usage":null,"a":1}}"#,
                #"{"stream":true,"stream_options":{"include_usage":true,"a":1}}"#
            ),
            (
                #"{"stream_options" : { } ,"stream":true}"#,
                #"{"stream_options" : {"include_usage":true } ,"stream":true}"#
            ),
            (
                #"{"stream_options":{"a":{"include_usage":true}},"stream":true}"#,
                #"{"stream_options":{"include_usage":true,"a":{"include_usage":true}},"stream":true}"#
            ),
            (
                #"{"stream_\u006fptions":{"include_\u0075sage": false ,"a":false},"stream":true}"#,
                #"{"stream_\u006fptions":{"include_\u0075sage": true ,"a":false},"stream":true}"#
            ),
        ])
    func asks(body: String, expected: String) throws {
        #expect(try rewrite(body, route()) == expected)
        #expect(try rewrite(body, route(asks: false)) == body)
    }

    @Test(
        "A body stays as it is if it asks already or doesn't want a stream",
        arguments: [
            "{}", #"{"stream":false}"#, #"{"stream":null}"#, #"{"stream":false,"stream":null}"#,
            #"{"stream":true,"stream_options":{"include_usage":true}}"#,
            #"{"stream":false,"stream_options":{"include_usage":false}}"#,
        ])
    func keeps(body: String) throws {
        let body = body.replacing("\"stream\":", with: "\"stream\" :")
        #expect(try rewrite(body, route()) == body)
        #expect(try !RequestBody(Array(body.utf8), for: route()).addsUsage(for: route()))
    }

    @Test(
        "However the option is written, no server can read that the usage isn't wanted",
        arguments: [
            (#"{"stream":1}"#, #"{\#(option),"stream":1}"#),
            (#"{"stream":true,"stream":false}"#, #"{\#(option),"stream":true,"stream":false}"#),
            (#"{"Stream":true}"#, #"{\#(option),"Stream":true}"#),
            (#"{"stream":true,"stream_options":[]}"#, #"{"stream":true,\#(option)}"#),
            (#"{"stream":true,"stream_options":"{}"}"#, #"{"stream":true,\#(option)}"#),
            (#"{"stream":true,"stream_options":{"include_usage":"no"}}"#, #"{"stream":true,\#(option)}"#),
            (
                #"{"stream":true,"stream_options":{"include_usage":true,"include_usage":false}}"#,
                #"{"stream":true,"stream_options":{"include_usage":true,"include_usage":true}}"#
            ),
            (
                #"{"stream":true,"stream_options":{"include_usage":true},"stream_options":{}}"#,
                #"{"stream":true,\#(option),\#(option)}"#
            ),
            (#"{"stream":true,"stream_options":1,"stream_options":null}"#, #"{"stream":true,\#(option),\#(option)}"#),
            (
                #"{"stream":true,"STREAM_OPTIONS":{"Include_Usage":false}}"#,
                #"{\#(option),"stream":true,"STREAM_OPTIONS":{"include_usage":true,"Include_Usage":true}}"#
            ),
        ])
    func insists(body: String, expected: String) throws {
        #expect(try rewrite(body, route()) == expected)
        #expect(try rewrite(body, route(asks: false)) == body)
    }

    @Test(
        "The model is filled in at the same time, whatever the order of the two",
        arguments: [
            (#"{"stream":true}"#, #"{"model":"m",\#(option),"stream":true}"#),
            (#"{"model":"fast","stream":true}"#, #"{\#(option),"model":"gpt-4o-mini","stream":true}"#),
            (
                #"{"stream_options":{},"model": "fast","stream":true}"#,
                #"{"stream_options":{"include_usage":true},"model": "gpt-4o-mini","stream":true}"#
            ),
            (
                #"{"model":"fast","stream":true,"stream_options":{"include_usage":false}}"#,
                #"{"model":"gpt-4o-mini","stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"stream":true,"stream_options":{"include_usage":false}}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
            ),
        ])
    func fillsInBoth(body: String, expected: String) throws {
        #expect(try rewrite(body, route("m")) == expected)
    }

    private static let options = [
        "", #""stream_options":{}"#, #""stream_options":{"include_usage":false}"#,
        #""stream_options":{"x":[1],"include_usage":false,"y":null}"#, #""stream_options" : { "x" : "}" }"#,
    ]

    @Test(
        "Only the option and the model of a body change, whatever the order of its members",
        arguments: options, ["", #""model":"fast""#, #""model":null"#])
    func changesNothingElse(options: String, model: String) throws {
        let others = [#""stream" : true"#, #""messages":[{"content":"\u00e9 {\"model\":\"fast\"}"}]"#]
        for members in (others + [options, model].filter { !$0.isEmpty }).permutations {
            for (comma, space) in [(",", ""), (" ,\r\n\t", " "), (", ", "\n")] {
                let body = space + "{" + space + members.joined(separator: comma) + space + "}" + space
                var expected = try tree(body)
                expected["stream_options", default: .object([:])].set("include_usage", .bool(true))
                if model.isEmpty { expected["model"] = .string("m") }
                if model.contains("fast") { expected["model"] = .string("gpt-4o-mini") }
                #expect(try tree(rewrite(body, route("m"))) == expected)
            }
        }
    }

    private func tree(_ text: String) throws -> [String: Tree] {
        try JSONDecoder().decode([String: Tree].self, from: Data(text.utf8))
    }

    @Test("A body stays as it is if it isn't read or its endpoint doesn't have the option")
    func keepsOpaque() throws {
        var opaque = Samples.route(.opaque)
        opaque.asksForUsage = true
        #expect(try rewrite(#"{"stream":true}"#, opaque) == #"{"stream":true}"#)
    }

    @Test(
        "The option is added only on endpoints that have it, and only if the server's table entry says so",
        arguments: [
            ("chat/completions", true), ("completions", true), ("embeddings", false), ("responses", false),
            ("moderations", false), ("audio/speech", false),
        ])
    func knowsEndpoints(endpoint: String, hasOption: Bool) throws {
        for asks in [true, false] {
            let server = Samples.server("a") {
                $0.asksForUsage = asks
                $0.endpoints = [EndpointPattern("audio/speech")]
            }
            let target = try RequestTarget(path: "/a/v1/" + endpoint, query: "")
            let caller = try Access(Samples.table([server], anonymous: true)).admit([:], at: 0)
            let route = try Router(Samples.table([server])).route(.post, target, for: caller)
            #expect(route.asksForUsage == (asks && hasOption))
        }
    }
}

/// A JSON value, parsed independently of the code under test.
private enum Tree: Decodable, Equatable {
    case object([String: Tree])
    case array([Tree])
    case string(String)
    case bool(Bool)
    case number(Double)
    case null

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let elements = try? value.decode([Tree].self) {
            self = .array(elements)
        } else {
            self = .object(try value.decode([String: Tree].self))
        }
    }

    mutating func set(_ key: String, _ value: Tree) {
        guard case .object(var members) = self else { return }
        members[key] = value
        self = .object(members)
    }
}

extension [String] {
    fileprivate var permutations: [[String]] {
        guard count > 1 else { return [self] }
        return indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.permutations.map { [first] + $0 }
        }
    }
}
