import JSONBytes

/// The request's body on its way up: checked, and given a model if it names none. All else stays byte for byte.
enum RequestBody {
    /// What a function URL lets through. In bytes.
    static let limit = 6 * 1024 * 1024

    static func rewrite(_ body: [UInt8], for route: Route) throws(ProxyError) -> [UInt8] {
        guard body.count <= limit else { throw .bodyTooLarge(limit: limit) }
        switch route.body {
        case .opaque: return body
        case .json(let model):
            let members = try RequestMembers(body)
            guard let model, members.model == nil else { return body }
            return splice(model, into: body, members)
        }
    }

    /// Puts `"model":"…"` behind the opening brace.
    private static func splice(_ model: String, into body: [UInt8], _ members: RequestMembers) -> [UInt8] {
        let member = JSONValue.object([("model", .string(model))]).serialized.dropFirst().dropLast()
        var output: [UInt8] = []
        output.reserveCapacity(body.count + member.count + 1)
        output += body[..<members.start]
        output += member
        if !members.isEmpty { output.append(UInt8(ascii: ",")) }
        output += body[members.start...]
        return output
    }
}
