import Testing

@testable import Proxy
@testable import ProxyConfiguration

/// `settings.models`, `settings.default_model` and `settings.playground`.
@Suite struct NamedModelTests {
    private static let servers =
        "a: {url: http://a, model: m}\nb: {url: http://b}\nr: {url: http://r, reverse_proxy: true}\n"

    private static func table(_ settings: String...) -> String {
        servers + "settings:\n" + settings.map { "  \($0)\n" }.joined()
    }

    @Test("A name stands for one model, for several in order, or for several by weight")
    func reads() throws {
        let text = Self.table(
            "models:", "  one: a/x", "  list: [a/x, b/org/y, one]", "  empty: a/",
            "  drawn: [{model: a/x, weight: 3}, {model: b/y}, one]", "  a/x: b/z", "  'ü b': '${NAME:-b}/y'",
            "default_model: list")
        let settings = try load(text).table.settings
        #expect(settings.defaultModel == "list" && settings.playground == nil)
        let one = NamedModel.Target.model("x", server: "a")
        #expect(
            settings.models
                == [
                    NamedModel("one", [.init(one)]),
                    // A name goes before a server's model.
                    NamedModel(
                        "list", [.init(.name("a/x")), .init(.model("org/y", server: "b")), .init(.name("one"))]),
                    NamedModel("empty", [.init(.model("", server: "a"))]),
                    NamedModel(
                        "drawn",
                        [.init(.name("a/x"), weight: 3), .init(.model("y", server: "b")), .init(.name("one"))],
                        isWeighted: true),
                    NamedModel("a/x", [.init(.model("z", server: "b"))]),
                    NamedModel("ü b", [.init(.model("y", server: "b"))]),
                ].map { expected in
                    // `one` is written as `a/x`, which is a name here as well.
                    expected.name == "one" ? NamedModel("one", [.init(.name("a/x"))]) : expected
                })
    }

    @Test("A default may be a server's model, and the playground is on or off")
    func readsOthers() throws {
        let settings = try load(Self.table("default_model: b/x", "playground: true")).table.settings
        #expect(settings.defaultModel == "b/x" && settings.playground == true)
        #expect(try load(Self.table("default_model: ''", "playground: false")).table.settings.defaultModel == nil)
        #expect(try load(Self.table("playground: '${ON:-false}'"), ["ON": "TRUE"]).table.settings.playground == true)
    }

    private static let refused = [
        Refusal(table("models: [a/x]"), 5, "'models' must be a mapping from names of models to 'server/model'"),
        Refusal(table("models:", "  x: gpt"), 6, "settings: 'models' has 'gpt', which is no 'server/model'"),
        Refusal(table("models:", "  x: c/m"), 6, "has 'c/m', which is no 'server/model'; did you mean 'a/m'?"),
        Refusal(table("models:", "  quick: a/x", "  x:", "    - b/x", "    - quik"), 9, "did you mean 'quick'?"),
        Refusal(table("models:", "  x: r/gpt"), 6, "'r' is a reverse proxy"),
        Refusal(table("models:", "  x: b/"), 6, "has 'b/' without a model, and the server has none; name one"),
        Refusal(table("models:", "  x:"), 6, "has '', which is no 'server/model'"),
        Refusal(table("models:", "  x: []"), 6, "has an empty list for 'x'; name a model there"),
        Refusal(table("models:", "  x: [[a/x]]"), 6, "must not have a list inside its list"),
        Refusal(
            table("models:", "  x:", "    - a/x", "    - a/x"), 8, "has the same model twice for 'x'; remove one"),
        Refusal(
            table("models:", "  x: [{model: a/x, weight: 0}]"), 6, "'weight' must be a whole number from 1 to 1000"),
        Refusal(table("models:", "  x: [{weight: 2}]"), 6, "'model' is missing"),
        Refusal(table("models:", "  x: {model: a/x, weigt: 2}"), 6, "unknown key 'weigt'; did you mean 'weight'?"),
        Refusal(table("models:", "  '': a/x"), 6, "has an empty name"),
        Refusal(table("models:", "  \"a\\nb\": a/x"), 6, "has a control character"),
        Refusal(
            table("models:", "  ? \(String(repeating: "x", count: 1025))", "  : a/x"), 6, "is longer than 1024 bytes"),
        Refusal(table("models:", "  x: '${NO}/x'"), 5, "'models' needs NO, which is not set"),
        Refusal(table("models:", "  x: x"), 6, "'models' form a cycle: x → x; remove one of them"),
        Refusal(
            table("models:", "  w: a/x", "  x: [w, y]", "  y: [a/x, z]", "  z: x"), 7,
            "form a cycle: x → y → z → x"),
        Refusal(table("default_model: '${NO}/x'"), 5, "'default_model' needs NO, which is not set"),
        Refusal(table("models:", "  x: a/x", "default_model: y"), 7, "'default_model' has 'y', which is no"),
        Refusal(table("playground: maybe"), 5, "'playground' must be true or false"),
        Refusal(
            "playground: {url: http://a}\nsettings:\n  playground: true", 3,
            "settings: 'playground' is also the name of a server; rename that server, or turn this off"),
    ]

    @Test("What leads nowhere, or in a cycle, is refused with its line", arguments: refused)
    func refuses(refusal: Refusal) throws { try refusal.expect() }

    @Test("Names that lead to the same names in many ways are followed once")
    func followsDiamonds() throws {
        let names = (0..<60).map { "  n\($0): [n\($0 + 1), m\($0 + 1)]\n    m\($0): [n\($0 + 1), m\($0 + 1)]" }
        let text = Self.table(["models:"] + names + ["  n60: a/x", "  m60: a/y"])
        #expect(try load(text).table.settings.models.count == 122)
    }

    private static func table(_ settings: [String]) -> String {
        servers + "settings:\n" + settings.map { "  \($0)\n" }.joined()
    }
}
