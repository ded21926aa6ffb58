import Proxy

/// Says in one line which servers can't be used because environment variables are missing, and how to add one.
enum MissingVariables {
    /// - Parameter servers: those that miss a variable.
    static func warning(of servers: [Server]) -> String? {
        guard let first = servers.first else { return nil }
        guard servers.count > 1 else {
            return "the server '\(first.name)' can't be used until \(names(first)) is set in the environment"
        }
        let list = servers.map { "\($0.name) (\(names($0)))" }.joined(separator: ", ")
        return "\(servers.count) servers can't be used until their variables are set in the environment: \(list); "
            + "for example, set \(first.missingVariables[0]) and start again"
    }

    private static func names(_ server: Server) -> String { server.missingVariables.joined(separator: ", ") }
}
