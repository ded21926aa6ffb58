import JSONBytes

/// The checked body of a request. Before it is sent, a model may be filled in and a stream's usage requested;
/// everything else stays byte for byte.
struct RequestBody {
    /// The limit of a function URL. In bytes.
    static let limit = 6 * 1024 * 1024

    /// As the caller sent them.
    let bytes: [UInt8]
    /// Nil if the body isn't read as JSON.
    private let members: RequestMembers?

    /// An empty body.
    init() {
        bytes = []
        members = nil
    }

    /// - Parameters:
    ///   - encoding: the request's `Content-Encoding`.
    ///   - deployment: the model that the path names, which replaces the body's.
    ///   - mayStream: false if a stream that is asked for must become a plain response.
    init(
        _ bytes: [UInt8], encoding: String? = nil, as rule: Route.BodyRule, deployment: String? = nil,
        mayStream: Bool = true
    ) throws(ProxyError) {
        guard bytes.count <= Self.limit else { throw .bodyTooLarge(limit: Self.limit) }
        switch rule {
        case .opaque:
            self.bytes = bytes
            members = nil
        case .json:
            if let coding = ContentCoding.changingBytes(encoding) { throw .bodyEncoded(coding) }
            let text = try RequestText.utf8(bytes)
            self.bytes = mayStream ? text : PlainRequest.bytes(text)
            members = try RequestMembers(self.bytes, deployment: deployment)
        }
    }

    /// Whether the caller has asked for a stream of events.
    var wantsStream: Bool { members?.wantsStream ?? false }

    /// Whether some server might read it as a request for a stream.
    var mayStream: Bool { members?.mayStream ?? false }

    /// The restricted features that it uses; none if the body isn't read as JSON.
    var restrictedFeatures: RestrictedFeatures { members?.restrictedFeatures ?? RestrictedFeatures() }

    /// The model as the caller named it.
    var modelName: String? { members?.modelName }

    /// The model where it has to say which server is asked; nil if the caller names none, or an empty one.
    func routedModel() throws(ProxyError) -> String? {
        guard let members else { return nil }
        guard let shown = members.shownModel else {
            guard members.model == nil else { throw .invalidBody("its 'model' is not a string") }
            return nil
        }
        // A name that is too long to be compared is no model's.
        guard let name = members.modelName else { throw .modelNotFound(shown, others: []) }
        return name.isEmpty ? nil : name
    }

    /// The beginning of what the caller wrote for the model.
    var shownModel: String? { members?.shownModel }

    /// What some server might read as the model, besides the member `model`.
    var disguisedModel: String? {
        members?.disguisedModel ?? (members?.restrictedFeatures.hasToolModel == true ? "a model in 'tools'" : nil)
    }

    /// The body as the server of this route gets it.
    func bytes(for route: Route) -> [UInt8] {
        ([modelSplice(for: route)].compactMap { $0 } + usageChanges(for: route)).applied(to: bytes)
    }

    /// Whether the server of this route is asked for a stream's usage though the caller hasn't asked.
    func addsUsage(for route: Route) -> Bool { !usageChanges(for: route).isEmpty }

    /// The model that the server of this route is asked for; nil if the body names none, or if its `model` isn't a
    /// string.
    func model(for route: Route) -> String? { replacement(for: route) ?? members?.modelName }

    /// The same before an alias is replaced: as the caller has named it, or the table in the caller's place.
    func modelName(for route: Route) -> String? { standIn(for: route) ?? callersModel(for: route) }

    /// The model that replaces the caller's or is filled in; nil if the body stays as it is.
    private func replacement(for route: Route) -> String? {
        guard members != nil, case .json = route.body else { return nil }
        let standIn = standIn(for: route) ?? route.named?.model
        return (standIn ?? members?.modelName).flatMap { route.server.meaning(of: $0) } ?? standIn
    }

    /// As the caller has named it for this server.
    private func callersModel(for route: Route) -> String? { route.named?.model ?? members?.modelName }

    /// The server's own model, if it stands in for the caller's.
    private func standIn(for route: Route) -> String? {
        guard let members, case .json(let model) = route.body else { return nil }
        guard members.model != nil || route.named != nil else { return model }
        // What the caller named for one server means nothing to another.
        let isForOther = route.isFallback && callersModel(for: route).flatMap { route.server.meaning(of: $0) } == nil
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

/// A change to a text: a range, and the bytes that replace it.
struct Splice {
    let place: Range<Int>
    let text: [UInt8]

    init(_ place: Range<Int>, _ text: [UInt8]) {
        self.place = place
        self.text = text
    }

    init(_ place: Range<Int>, _ text: String) { self.init(place, Array(text.utf8)) }
}

extension [Splice] {
    /// The bytes with all changes, which must not overlap. Insertions at the same place keep their order.
    func applied(to bytes: [UInt8]) -> [UInt8] {
        guard !isEmpty else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(reduce(bytes.count) { $0 + $1.text.count - $1.place.count })
        var end = 0
        for splice in sorted(by: { $0.place.lowerBound < $1.place.lowerBound }) {
            output += bytes[end..<splice.place.lowerBound]
            output += splice.text
            end = splice.place.upperBound
        }
        output += bytes[end...]
        return output
    }
}

/// The JSON text in a request's body: UTF-8, without the byte order mark that some programs write before it. RFC 8259,
/// section 8.1, allows readers to skip that mark, and allows no other encoding.
enum RequestText {
    static func utf8(_ body: [UInt8]) throws(ProxyError) -> [UInt8] {
        // Nearly all begin with two ASCII characters.
        guard body.count >= 2, body[0] >= 0x80 || body[0] == 0 || body[1] == 0 else { return body }
        if body[0] == 0xEF, body[1] == 0xBB, body.count >= 3, body[2] == 0xBF { return Array(body[3...]) }
        guard let encoding = wideEncoding(body) else { return body }
        throw .invalidBody("it is \(encoding); send UTF-8")
    }

    /// Recognized by a byte order mark, or by the zero bytes beside the first character, which is ASCII. Nil if there
    /// is neither.
    private static func wideEncoding(_ body: [UInt8]) -> String? {
        let isMarked = (body[0], body[1]) == (0xFF, 0xFE) || (body[0], body[1]) == (0xFE, 0xFF)
        let zeros = body.prefix(4).count { $0 == 0 }
        // In UTF-32, a mark has two zero bytes beside it, and an ASCII character has three. No UTF-16 text begins with
        // that many.
        if zeros == 3 || zeros == 2 && isMarked || body.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
        return isMarked || (body[0] == 0) != (body[1] == 0) ? "UTF-16" : nil
    }
}
