import Proxy
import Testing

@testable import ProxyConfiguration

/// Loads a text as the table "t.yaml".
func load(_ text: String, _ environment: [String: String] = [:]) throws -> LoadedTable {
    try LoadedTable(parsing: Array(text.utf8), file: "t.yaml", environment: environment)
}

/// A server "a" with a URL in line 2, followed by these lines, which are indented already.
func server(_ lines: String, _ environment: [String: String] = [:]) throws -> Server {
    try load("a:\n  url: http://a/v1\n\(lines)", environment).table.servers[0]
}

/// A text that must not load, and its error.
struct Refusal: CustomTestStringConvertible {
    let text: String
    let line: Int?
    let message: String

    init(_ text: String, _ line: Int?, _ message: String) {
        (self.text, self.line, self.message) = (text, line, message)
    }

    var testDescription: String { message }

    func expect(_ location: SourceLocation = #_sourceLocation) throws {
        let error = try #require(throws: ConfigurationError.self, sourceLocation: location) { try load(text) }
        #expect(error.line == line, "\(error)", sourceLocation: location)
        #expect(error.message.contains(message), "\(error)", sourceLocation: location)
        #expect("\(error)".hasPrefix(line.map { "t.yaml:\($0): " } ?? "t.yaml: "), sourceLocation: location)
    }
}
