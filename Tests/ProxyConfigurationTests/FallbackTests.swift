import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct FallbackTests {
    /// Servers by their fallbacks, each in one line: "a: b c" falls back to b, then to c.
    private static func table(_ lines: String...) -> String {
        lines.map { line in
            let names = line.split(separator: ":").map { $0.split(separator: " ") }
            let fallbacks = names.count > 1 ? ", fallbacks: [\(names[1].joined(separator: ", "))]" : ""
            return "\(names[0][0]): {url: 'http://\(names[0][0])'\(fallbacks)}\n"
        }.joined()
    }

    @Test("Fallbacks keep their order, may come before or after the server, and may share fallbacks")
    func readsFallbacks() throws {
        let servers = try load(Self.table("a: c b", "b: d", "c: d b", "d")).table.servers
        #expect(servers.map(\.fallbacks) == [["c", "b"], ["d"], ["d", "b"], []])
    }

    @Test("Variables are replaced before names are compared")
    func fillsInVariables() throws {
        let text =
            "a:\n  url: http://a\n  fallbacks: ['${NAME}', '${OTHER:-c}']\nb: {url: http://b}\nc: {url: http://c}"
        #expect(try load(text, ["NAME": "b"]).table.servers[0].fallbacks == ["b", "c"])
    }

    @Test("A fallback may have missing variables")
    func acceptsUnusableFallbacks() throws {
        let servers = try load("a: {url: http://a, fallbacks: [b]}\nb: {url: http://b, token: '${X}'}").table.servers
        #expect(servers[0].fallbacks == ["b"])
        #expect(servers[0].missingVariables.isEmpty)
        #expect(servers[1].missingVariables == ["X"])
    }

    @Test("A long chain of fallbacks loads")
    func followsLongChains() throws {
        let names = (0...500).map { "s\($0)" }
        let text = zip(names, names.dropFirst()).map { Self.table("\($0): \($1)") }.joined() + Self.table("s500")
        #expect(try load(text).table.servers.count == 501)
    }

    @Test("An absurdly long chain is refused")
    func refusesEndlessChains() throws {
        let names = (0...3000).map { "s\($0)" }
        let text = zip(names, names.dropFirst()).map { Self.table("\($0): \($1)") }.joined() + Self.table("s3000")
        let error = #expect(throws: ConfigurationError.self) { try load(text) }
        #expect(error?.message.contains("form a chain of more than 1000 servers") == true)
    }

    private static let refused = [
        Refusal("a:\n  url: http://a\n  fallbacks: b\nb: {url: http://b}", 3, "'fallbacks' must be a list"),
        Refusal("a:\n  url: http://a\n  fallbacks: {b: c}", 3, "'fallbacks' must be a list"),
        Refusal(
            "openai:\n  url: http://a\n  fallbacks:\n    - mistral\n    - gemni\nmistral: {url: http://b}\n"
                + "Gemini: {url: http://c}", 5,
            "server 'openai': 'fallbacks' has an unknown server 'gemni'; did you mean 'Gemini'?"),
        Refusal(table("a: xxxxxxx", "b", "c"), 1, "has an unknown server 'xxxxxxx'; expected one of: b, c"),
        Refusal(table("a: b"), 1, "has 'b', but there is no other server to fall back to"),
        Refusal(table("a: settings", "b"), 1, "has an unknown server 'settings'"),
        Refusal(
            "a:\n  url: http://a\n  fallbacks:\n    - b\n    - a\nb: {url: http://b}", 5, "names the server itself"),
        Refusal("a:\n  url: http://a\n  fallbacks:\n    - b\n    - b\nb: {url: http://b}", 5, "has 'b' twice"),
        Refusal(
            table("a: b", "b: a"), 2, "server 'b': 'fallbacks' form a cycle: a → b → a; remove one of them"),
        Refusal(table("x: a", "a: b c", "b", "c: d", "d: b a"), 5, "form a cycle: a → c → d → a;"),
        Refusal(table("a: b", "b: c", "c: b"), 3, "form a cycle: b → c → b;"),
        Refusal(
            "a: {url: http://a}\nr:\n  url: http://r\n  reverse_proxy: true\n  fallbacks: [a]", 5,
            "server 'r': 'fallbacks' can't be combined with 'reverse_proxy'; remove one of them"),
        Refusal(
            "a:\n  url: http://a\n  fallbacks:\n    - b\n    - r\nb: {url: http://b}\n"
                + "r: {url: http://r, reverse_proxy: true}", 5,
            "server 'a': 'fallbacks' has 'r', which is a reverse proxy; remove it"),
        Refusal("a:\n  url: http://a\n  fallbacks:\n    - [b]\nb: {url: http://b}", 4, "must be a single value"),
    ]

    @Test("A fallback that leads nowhere, or in a cycle, is refused with its line", arguments: refused)
    func refuses(refusal: Refusal) throws { try refusal.expect() }
}
