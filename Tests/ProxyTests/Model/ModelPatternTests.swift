import Testing

@testable import Proxy

@Suite struct ModelPatternTests {
    @Test(
        "A pattern matches the whole name, and each star any part of it",
        arguments: [
            ("gpt-4o", "gpt-4o"), ("*", ""), ("*", "anything"), ("gpt-*", "gpt-"), ("gpt-*", "gpt-4o"),
            ("*-mini", "gpt-4o-mini"), ("gpt-*-mini", "gpt-4o-mini"), ("a*b*c", "a-b-b-c"), ("a**b", "ab"),
            ("*a*a*", "aa"), ("gpt-*", "gpt-*"),
        ])
    func fits(pattern: String, name: String) {
        #expect(ModelPattern(pattern).matches(name))
    }

    @Test(
        "Names that only look alike don't match",
        arguments: [
            ("gpt-4o", "gpt-4O"), ("gpt-4o", "gpt-4o "), ("gpt-4o", " gpt-4o"), ("gpt-4o", "gpt-4o-mini"),
            ("gpt-4o", ""), ("", "x"), ("gpt-*", "Gpt-4o"), ("gpt-*-mini", "gpt-mini"), ("*-mini", "gpt-4o-mini "),
            ("aa*aa", "aaa"), ("a*b*c", "a-c-b"), ("*a*a*", "a"), ("caf\u{E9}", "cafe\u{301}"), ("gpt.4", "gpt-4"),
        ])
    func fitsNot(pattern: String, name: String) {
        #expect(!ModelPattern(pattern).matches(name))
    }
}
