import JSONBytes

/// The request's body, checked. On its way up it may get a model; all else stays byte for byte.
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
        guard let members, case .json(let model) = route.body else { return bytes }
        guard let place = members.model else { return model.map { filledIn($0, members) } ?? bytes }
        if let alias = members.modelName.flatMap({ route.server.modelAliases[$0] }) { return replaced(place, alias) }
        // What the caller named was meant for another server.
        guard route.isFallback, let model else { return bytes }
        return replaced(place, model)
    }

    /// Puts `"model":"…"` behind the opening brace.
    private func filledIn(_ model: String, _ members: RequestMembers) -> [UInt8] {
        let member = JSONValue.object([("model", .string(model))]).serialized.dropFirst().dropLast()
        return spliced(members.start..<members.start, member + (members.isEmpty ? [] : [UInt8(ascii: ",")]))
    }

    private func replaced(_ place: Range<Int>, _ model: String) -> [UInt8] {
        spliced(place, JSONValue.string(model).serialized[...])
    }

    private func spliced(_ place: Range<Int>, _ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count - place.count + text.count)
        output += bytes[..<place.lowerBound]
        output += text
        output += bytes[place.upperBound...]
        return output
    }
}
