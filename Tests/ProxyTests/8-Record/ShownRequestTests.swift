import HTTPTypes
import Testing

@testable import Proxy

@Suite struct ShownRequestTests {
    private static let keys = RequestKeys(
        presented: [Secret("key-of/the:caller")], known: KnownKeys([KeyDigest(of: Secret("a-known-key"))]))

    private func path(_ path: String) -> String { ShownRequest(.get, path: path, without: Self.keys).path }

    @Test(
        "A path is recorded decoded, on one line, and without keys",
        arguments: [
            ("/openai/v1/models", "/openai/v1/models"), ("/a%20b/%C3%A9", "/a b/é"), ("/a%0A%00\u{7F}b", "/a   b"),
            ("/%zz%", "/%zz%"), ("/%FF", "/\u{FFFD}"), ("", ""), ("no slash", "no slash"),
            ("/key-of/the:caller/x", "/[redacted]/x"), ("/key-of%2Fthe%3Acaller", "/[redacted]"),
            ("/a-known-key/v1", "/[redacted]/v1"), ("/%61-known-key/v1", "/[redacted]/v1"),
            ("/%2561-known-key/v1", "/[redacted]/v1"), ("/sk-proj-0123456789/v1", "/[redacted]/v1"),
        ])
    func cleans(written: String, expected: String) {
        #expect(path(written) == expected)
    }

    @Test(
        "Only the beginning of a path is recorded, however long and odd it is",
        arguments: ["/", "/%61", "/a", "/é", "\u{301}\u{316}", "%", "/%E2%80%8B", "%00"])
    func shortens(part: String) {
        let shown = path(String(repeating: part, count: 100_000 / part.utf8.count))
        #expect(shown.unicodeScalars.count <= 201)
        #expect(shown.hasSuffix("…"))
    }

    @Test(
        "A method is recorded if HTTP defines it",
        arguments: [
            ("GET", "GET"), ("PATCH", "PATCH"), ("get", "_OTHER"), ("QUERY", "_OTHER"),
            ("sk-proj-0123456789", "_OTHER"),
        ])
    func bounds(method: String, expected: String) throws {
        let method = try #require(HTTPRequest.Method(method))
        #expect(ShownRequest(method, path: "/", without: Self.keys).method == expected)
    }
}
