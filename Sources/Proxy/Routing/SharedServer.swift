/// A server of the table, by reference.
final class SharedServer: Sendable {
    let server: Server
    /// Takes its token out of what it sends; nil if it has none.
    let redactor: Redactor?

    init(_ server: Server) {
        self.server = server
        redactor = Redactor(server.token)
    }
}
