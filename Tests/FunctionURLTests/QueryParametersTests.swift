import Testing

@testable import FunctionURL

@Suite struct QueryParametersTests {
    @Test(
        arguments: [
            ("", [:]),
            ("a=1&b=2", ["a": "1", "b": "2"]),
            ("a=1&a=2&a=", ["a": "1,2,"]),
            ("a", ["a": ""]),
            ("a=b=c", ["a": "b=c"]),
            ("&&a=1&", ["a": "1"]),
            ("a%20b=%C3%A9+%2B", ["a b": "é +"]),
            ("a=100%&b=%zz&c=%4", ["a": "100%", "b": "%zz", "c": "%4"]),
            ("a=%ff", ["a": "\u{FFFD}"]),
        ] as [(String, [String: String])])
    func `A query is decoded, and repeated names are joined`(query: String, expected: [String: String]) {
        #expect(QueryParameters.parse(query) == expected)
    }
}
