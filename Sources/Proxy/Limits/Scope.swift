/// Whose use is counted together.
enum Scope: Hashable {
    case key(String)
    case server(String)
    case keyAtServer(key: String, server: String)

    /// For the store. Names of servers have no slash, so no two scopes have the same.
    var text: String {
        switch self {
        case .key(let key): "key/\(key)"
        case .server(let server): "server/\(server)"
        case .keyAtServer(let key, let server): "key-at/\(server)/\(key)"
        }
    }

    /// The server whose it is; nil for all servers together.
    var server: String? {
        switch self {
        case .key: nil
        case .server(let server), .keyAtServer(_, let server): server
        }
    }

    /// Whether it is what a key may do, be it at one server.
    var isOfKey: Bool { if case .server = self { false } else { true } }

    /// For people.
    var words: String {
        switch self {
        case .key(let key): "the key '\(key)'"
        case .server(let server): "the server '\(server)', for all its callers"
        case .keyAtServer(let key, let server): "the key '\(key)' at the server '\(server)'"
        }
    }
}
