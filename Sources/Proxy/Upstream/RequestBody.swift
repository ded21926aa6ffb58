import JSONBytes

/// The request's body, checked. On its way up it may get a model, and be made to ask for the usage; all else stays byte
/// for byte.
struct RequestBody {
    /// What a function URL lets through. In bytes.
    static let limit = 6 * 1024 * 1024

    private let bytes: [UInt8]
    /// Nil if the body isn't read as JSON.
    private let members: RequestMembers?

    /// Nothing.
    init() {
        bytes = []
        members = nil
    }

    /// - Parameter encoding: the request's `Content-Encoding`.
    init(_ bytes: [UInt8], encoding: String? = nil, for route: Route) throws(ProxyError) {
        guard bytes.count <= Self.limit else { throw .bodyTooLarge(limit: Self.limit) }
        switch route.body {
        case .opaque:
            self.bytes = bytes
            members = nil
        case .json:
            if let coding = ContentCoding.changingBytes(encoding) { throw .bodyEncoded(coding) }
            self.bytes = try RequestText.utf8(bytes)
            members = try RequestMembers(self.bytes)
        }
    }

    /// Whether the caller has asked for a stream of events.
    var wantsStream: Bool { members?.wantsStream ?? false }

    /// Whether some server might take it for that.
    var mayStream: Bool { members?.mayStream ?? false }

    /// What it wants beside the tokens of its model; nothing if it isn't read.
    var restrictedFeatures: RestrictedFeatures { members?.restrictedFeatures ?? RestrictedFeatures() }

    /// The model as the caller named it.
    var modelName: String? { members?.modelName }

    /// The beginning of what the caller wrote for the model.
    var shownModel: String? { members?.shownModel }

    /// What some server might take for the model, beside the member that is.
    var disguisedModel: String? {
        members?.disguisedModel ?? (members?.restrictedFeatures.hasToolModel == true ? "a model in 'tools'" : nil)
    }

    /// As the server of this route gets it.
    func bytes(for route: Route) -> [UInt8] {
        ([modelSplice(for: route)].compactMap { $0 } + usageChanges(for: route)).applied(to: bytes)
    }

    /// Whether the server of this route is asked for a stream's usage though the caller hasn't asked.
    func addsUsage(for route: Route) -> Bool { !usageChanges(for: route).isEmpty }

    /// The model that the server of this route is asked for; nil if the body names none, or not by a string.
    func model(for route: Route) -> String? { replacement(for: route) ?? members?.modelName }

    /// The same before an alias is replaced: as the caller has named it, or the table in the caller's place.
    func modelName(for route: Route) -> String? { standIn(for: route) ?? members?.modelName }

    /// The model that is sent in place of what the caller named; nil if the body stays as it is.
    private func replacement(for route: Route) -> String? {
        guard members != nil, case .json = route.body else { return nil }
        let standIn = standIn(for: route)
        return (standIn ?? members?.modelName).flatMap { route.server.meaning(of: $0) } ?? standIn
    }

    /// The server's own model, if it stands in for the caller's.
    private func standIn(for route: Route) -> String? {
        guard let members, case .json(let model) = route.body else { return nil }
        guard members.model != nil else { return model }
        // What the caller named for one server means nothing to another.
        let isForOther = route.isFallback && members.modelName.flatMap { route.server.meaning(of: $0) } == nil
        return isForOther ? model : nil
    }

    private func modelSplice(for route: Route) -> Splice? {
        guard let members, let model = replacement(for: route) else { return nil }
        guard let place = members.model else { return members.added("model", .string(model)) }
        return Splice(place, JSONValue.string(model).serialized)
    }

    private func usageChanges(for route: Route) -> [Splice] {
        guard route.asksForUsage, let members, members.mayStream else { return [] }
        let option = members.usageOption
        guard option.isMissing else { return option.changes }
        return [members.added("stream_options", .object([("include_usage", .bool(true))]))] + option.changes
    }
}
