import Calendar
import HTTPTypes
import JSONBytes
import LambdaRuntime

/// `GET /v1/me` tells callers who they are to the proxy, what they may use, and what is left of their limits.
struct CallerEndpoint {
    private let servers: [Server]
    private let models: ModelNames
    private let limits: Limits

    init(_ servers: [UpstreamServer], _ models: ModelNames, _ limits: Limits) {
        self.servers = servers.map(\.server)
        self.models = models
        self.limits = limits
    }

    /// - Returns: nil if the request is for something else.
    func answer(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller, _ context: RequestContext
    ) async throws(ProxyError) -> ProxyResponse? {
        let path = target.segments
        guard path.count == 2, path[0].isNamed("v1"), path[1].isNamed("me") else { return nil }
        context.record.operation = .caller
        guard method == .get else { throw .methodNotAllowed(method, allowed: [.get]) }
        let servers = servers.filter { caller.mayUse($0) }
        let status = await limits.status(of: caller, at: servers, for: context.timed)
        let members: [(key: String, value: JSONValue)] = [
            ("servers", .array(servers.map { .string($0.name) })),
            ("models", .array(models.all(for: caller).map { .string($0.name) })),
            ("limits", .array(status.map(\.json))),
        ]
        return .whole(
            Prelude(.ok, fields: [.contentType: "application/json", .cacheControl: "no-store"]),
            JSONValue.object([("object", .string("caller"))] + caller.members + members).serialized)
    }
}

extension Caller {
    fileprivate var members: [(key: String, value: JSONValue)] {
        switch self {
        case .anonymous: [("type", .string("anonymous"))]
        case .owner: [("type", .string("owner"))]
        case .invoker: [("type", .string("direct_invocation"))]
        case .client(let key):
            [("type", .string("key")), ("key", .string(key.id))] + Self.end(key.expires)
        case .user(let user):
            [("type", .string("user")), ("issuer", .string(user.issuer)), ("user", .string(user.shownID ?? user.id))]
                + (user.plan.map { [("plan", .string($0))] } ?? []) + Self.end(user.expires)
        }
    }

    private static func end(_ seconds: Int64?) -> [(key: String, value: JSONValue)] {
        seconds.map { [("expires_at", .string(Timestamp.timestamp($0 * 1000)))] } ?? []
    }
}
