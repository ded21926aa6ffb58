import Testing

@testable import ProxyConfiguration

@Suite struct SubstitutionTests {
    private static let expanded: [(String, [String: String], String, [String])] = [
        ("plain", [:], "plain", []), ("${A}", ["A": "1"], "1", []), ("a${A}b${A}", ["A": "1"], "a1b1", []),
        ("${A}", [:], "", ["A"]), ("${A}", ["A": ""], "", ["A"]), ("${A:-x}", [:], "x", []),
        ("${A:-x}", ["A": ""], "x", []), ("${A:-x}", ["A": "1"], "1", []), ("${A:-}", [:], "", []),
        ("${A:-${B}}", ["A": "1"], "1", []), ("${A:-${B}}", ["A": "1", "B": "2"], "1", []),
        ("${A:-${B}}", ["B": "2"], "2", []), ("${A:-${B}}", [:], "", ["B"]), ("${A:-${B:-x}}", [:], "x", []),
        ("${A:-${B:-x}}", ["A": "1"], "1", []), ("${A:-a${B}c}d", ["B": "b"], "abcd", []),
        ("${A:-${B:-${C:-d}}}e${F}", ["F": "f"], "def", []), ("${A:-${B}${C}}", ["B": "2"], "2", ["C"]),
        ("${A}}", ["A": "1"], "1}", []), ("{${A}", ["A": "1"], "{1", []), ("x$y", [:], "x$y", []), ("$", [:], "$", []),
        ("a$", [:], "a$", []), ("é${A}é", ["A": "ü"], "éüé", []), ("${A:-ö${B}}", ["B": "ü"], "öü", []),
        // Bytes are compared: an accent doesn't turn a brace into another character.
        ("${A:-x}\u{301}", [:], "x\u{301}", []),
        ("$\u{301}{A}", ["A": "1"], "$\u{301}{A}", []),
        // Spaces and line ends around a value are ignored, wherever it comes from.
        (" x\n", [:], "x", []), ("\t${A}\r\n", ["A": "1"], "1", []),
        ("${A}-${B}", ["A": "1\r\n", "B": " 2 "], "1-2", []),
        ("${A:- x }", [:], "x", []), ("${A}", ["A": " \r\n"], "", ["A"]), ("${A:-x}", ["A": "\n"], "x", []),
        ("a b", [:], "a b", []),
    ]

    @Test("Variables are replaced as in a shell", arguments: expanded)
    func expands(template: String, environment: [String: String], text: String, missing: [String]) throws {
        let substitution = try Substitution(template, environment)
        #expect(Array(substitution.text.utf8) == Array(text.utf8))
        #expect(substitution.missing == missing)
    }

    private static let refused: [(Substitution.Failure, [String])] = [
        (.unclosed, ["${", "${A", "${A:", "${A:-", "${A:-x", "${A:-${B}", "${A:-${B", "${A:-${B:-x}", "x${A}${B"]),
        (
            .badName,
            [
                "${}", "${1}", "${1A}", "${ A }", "${A }", "${A-x}", "${A:x}", "${A:?x}", "${A?x}", "${A:+x}", "${A+x}",
                "${A:=x}", "${A=x}", "${#A}", "${!A}", "${A%x}", "${A/x/y}", "${A[0]}", "${A.B}", "${env:A}",
                "${A\u{301}}",
                "${Ä}", "${A:-${B-x}}", "${A:-${B:?}}", "${A:-${}}",
            ]
        ),
        (.brace, ["${A:-{x}}", "${A:-{}", "${A:-{{ x }}}", "${A:-${B:-{}}}"]),
        (.escaped, ["$${A}", "x$${A}", "\\${A}", "${A:-\\}}", "${A:-$${B}}"]),
        (.reference, ["${{ secrets.A }}", "${{A}}"]),
        (.tooDeep, [String(repeating: "${A:-", count: 17), String(repeating: "${A:-", count: 100_000)]),
    ]

    @Test(
        "Forms that a shell reads differently or not at all are refused, whether the variable is set or not",
        arguments: refused)
    func refuses(failure: Substitution.Failure, templates: [String]) {
        for template in templates {
            for environment in [[:], ["A": "1", "B": "2"]] {
                #expect(throws: failure, "\(template.prefix(50))") { try Substitution(template, environment) }
            }
        }
    }

    @Test("The time for many variables is linear in their text")
    func readsLongTemplates() throws {
        let substitution = try Substitution(String(repeating: "${A:-${B:-x}}", count: 10_000), ["B": "2"])
        #expect(substitution.text.utf8.count == 10_000)
    }

    @Test(
        "An error in a table has its line and says what is allowed",
        arguments: [
            ("${A:-${B}", "has '${' without '}'"), ("${A:?set A}", "than NAME or NAME:-default"),
            ("${A-x}", "than NAME or NAME:-default"), ("$${A}", "nothing can be escaped here"),
            ("${{ secrets.A }}", "write ${NAME}"), ("${A:-{x}}", "only '${NAME}' may use braces"),
        ])
    func namesLines(value: String, message: String) throws {
        try Refusal("a:\n  url: http://a\n  token: '\(value)'", 3, message).expect()
    }
}
