import HTTPTypes
import JSONBytes
import LambdaRuntime

/// `GET /health` says that the program runs and the table is valid. It needs no key and asks no server.
enum HealthEndpoint {
    /// - Returns: nil if the request is for something else.
    static func answer(
        _ method: HTTPRequest.Method, _ target: RequestTarget, _ record: RequestRecord
    ) throws(ProxyError) -> ProxyResponse? {
        guard target.segments.count == 1, target.segments[0].isNamed("health") else { return nil }
        record.operation = .health
        guard method == .get || method == .head else { throw .methodNotAllowed(method, allowed: [.get, .head]) }
        return .whole(
            Prelude(.ok, fields: [.contentType: "application/json", .cacheControl: "no-store"]),
            JSONValue.object([("status", .string("ok"))]).serialized)
    }
}

/// `GET /v1/models`: the models that the table names, in OpenAI's format. A server's own list is at
/// `/<server>/v1/models`.
struct ModelCatalog {
    private let servers: [Server]

    init(_ table: ServerTable) { servers = table.servers }

    /// - Returns: nil if the request is for something else.
    func answer(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller, _ record: RequestRecord
    ) throws(ProxyError) -> ProxyResponse? {
        guard target.segments.count == 2, target.segments[0].isNamed("v1"), target.segments[1].isNamed("models")
        else { return nil }
        record.operation = .models
        guard method == .get else { throw .methodNotAllowed(method, allowed: [.get]) }
        let models = servers.filter { caller.mayUse($0) }.flatMap { server in
            Self.names(server, for: caller).map { Self.entry($0, of: server) }
        }
        let list = JSONValue.object([("object", .string("list")), ("data", .array(models))])
        return Self.answer(list)
    }

    /// `GET /<server>/v1/models/<alias>`, which is answered here, since the provider doesn't know the table's aliases.
    /// - Returns: nil if the request is for something else.
    static func alias(_ target: RequestTarget, along route: Route) -> ProxyResponse? {
        guard case .model = route.operation else { return nil }
        let name = target.modelID
        return route.server.meaning(of: name).map { _ in answer(entry(name, of: route.server)) }
    }

    private static func answer(_ value: JSONValue) -> ProxyResponse {
        .whole(Prelude(.ok, fields: [.contentType: "application/json"]), value.serialized)
    }

    /// The server's own model and its aliases, without those that the caller may not use.
    private static func names(_ server: Server, for caller: Caller) -> [String] {
        let own = [server.model].compactMap { $0 }.filter { !$0.isEmpty }
        return (own + server.aliases.filter { !own.contains($0) }).filter { caller.mayAsk(for: $0, at: server) }
    }

    /// `created` is required by OpenAI's clients; the table doesn't know it, so it is 0.
    static func entry(_ name: String, of server: Server) -> JSONValue {
        .object([
            ("id", .string(name)), ("object", .string("model")), ("created", .integer(0)),
            ("owned_by", .string(server.name)),
        ])
    }
}
