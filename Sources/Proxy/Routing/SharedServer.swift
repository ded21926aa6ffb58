/// A server of the table, by reference.
final class SharedServer: Sendable {
    let server: Server

    init(_ server: Server) { self.server = server }
}
