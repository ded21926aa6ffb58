import JSONBytes

/// The request's body, checked. On its way up it may get a model, and be made to ask for the usage; all else stays byte
/// for byte.
struct RequestBody {
    /// What a function URL lets through. In bytes.
    static let limit = 6 * 1024 * 1024

    private let bytes: [UInt8]
    /// Nil if the body isn't read as JSON.
    private let members: RequestMembers?

    init(_ bytes: [UInt8], for route: Route) throws(ProxyError) {
        guard bytes.count <= Self.limit else { throw .bodyTooLarge(limit: Self.limit) }
        self.bytes = bytes
        members =
            switch route.body {
            case .opaque: nil
            case .json: try RequestMembers(bytes)
            }
    }

    /// Whether the caller has asked for a stream of events.
    var wantsStream: Bool { members?.wantsStream ?? false }

    /// As the server of this route gets it.
    func bytes(for route: Route) -> [UInt8] {
        [model(for: route), usageOption(for: route)].compactMap { $0 }.applied(to: bytes)
    }

    /// Whether the server of this route is asked for a stream's usage though the caller hasn't asked.
    func addsUsage(for route: Route) -> Bool { usageOption(for: route) != nil }

    private func model(for route: Route) -> Splice? {
        guard let members, case .json(let model) = route.body else { return nil }
        guard let place = members.model else { return model.map { members.added("model", .string($0)) } }
        if let alias = members.modelName.flatMap({ route.server.modelAliases[$0] }) {
            return Splice(place, JSONValue.string(alias).serialized)
        }
        // What the caller named was meant for another server.
        guard route.isFallback, let model else { return nil }
        return Splice(place, JSONValue.string(model).serialized)
    }

    private func usageOption(for route: Route) -> Splice? {
        guard route.asksForUsage, let members, members.wantsStream else { return nil }
        switch members.usageOption {
        case .missing: return members.added("stream_options", .object([("include_usage", .bool(true))]))
        case .unasked(let splice): return splice
        case .asked: return nil
        }
    }
}
