/// Who calls, as far as the key tells.
enum Caller: Equatable {
    case anonymous
    case client(name: String)
    /// Someone who has the token of these servers itself.
    case owner(of: Set<String>)

    func mayUse(_ server: Server) -> Bool {
        switch self {
        case .anonymous, .client: true
        case .owner(let servers): servers.contains(server.name)
        }
    }
}
