import SymbolReplacements
import Testing

@Suite struct SymbolReplacementsTests {
    @Test(arguments: [
        ("a=1; b=2", ["a=1", "b=2"]),
        ("a=1", ["a=1"]),
        ("", [""]),
        ("; ", ["", ""]),
        ("; a; ", ["", "a", ""]),
        ("a;b; c ;d", ["a;b", "c ;d"]),
        ("a;; b", ["a;", "b"]),
        ("é; ü; ", ["é", "ü", ""]),
        ("a; ; b", ["a", "", "b"]),
        ("a;", ["a;"]),
    ])
    func aTextIsSplitAtTheWholeSeparator(text: String, parts: [String]) {
        let split = text.parts(separator: "; ", maxSplits: .max, omittingEmptySubsequences: false)
        #expect(split.map(String.init) == parts)
        let omitted = text.parts(separator: "; ", maxSplits: .max, omittingEmptySubsequences: true)
        #expect(omitted.map(String.init) == parts.filter { !$0.isEmpty })
        // With a single element, the result is that of Swift's own function.
        let single = text.parts(separator: ";", maxSplits: .max, omittingEmptySubsequences: false)
        #expect(single == text.split(separator: ";" as Character, omittingEmptySubsequences: false))
    }

    @Test func maxSplitsIsRespectedAndAnEmptySeparatorSplitsNothing() {
        let numbers = [1, 0, 0, 2, 0, 0, 3]
        #expect(
            numbers.parts(separator: [0, 0], maxSplits: 1, omittingEmptySubsequences: false) == [[1], [2, 0, 0, 3]])
        #expect(numbers.parts(separator: [0, 0], maxSplits: 0, omittingEmptySubsequences: false) == [numbers[...]])
        #expect(numbers.parts(separator: [], maxSplits: .max, omittingEmptySubsequences: false) == [numbers[...]])
    }

    @Test(
        arguments: [
            (3, 4, 5), (0, 0, 0), (-3, 4, 5), (1e30, 0, 1e30), (3e38, 3e38, .infinity), (.infinity, 1, .infinity),
        ] as [(Float, Float, Float)])
    func theHypotenuseOverflowsOnlyIfItsResultDoes(x: Float, y: Float, expected: Float) {
        #expect(hypotenuse(x, y) == expected)
    }
}
