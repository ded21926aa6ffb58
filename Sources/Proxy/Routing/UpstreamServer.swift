/// A server of the table, by reference.
final class UpstreamServer: Sendable {
    let server: Server
    /// Takes its token out of what it sends; nil if it has none.
    let redactor: Redactor?
    /// The same for names of header fields, which are in lower case.
    private let nameRedactor: Redactor?

    init(_ server: Server) {
        self.server = server
        redactor = Redactor(server.token)
        nameRedactor = Redactor(server.token.map { Secret($0.revealed.lowercased()) })
    }

    func hasToken(inName name: String) -> Bool { nameRedactor.map { $0.redacted(name) != name } ?? false }
}
