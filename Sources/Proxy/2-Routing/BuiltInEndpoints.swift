import HTTPTypes
import JSONBytes
import LambdaRuntime

/// `GET /health`: that the program runs and its table is good. For anybody, and nobody else is asked.
enum HealthEndpoint {
    /// - Returns: nil if something else is asked for.
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

/// `GET /v1/models`: what the table itself says of models, in OpenAI's format. A server's whole list is its own.
struct ModelCatalog {
    private let servers: [Server]

    init(_ table: ServerTable) { servers = table.servers }

    /// - Returns: nil if something else is asked for.
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

    /// `GET /<server>/v1/models/<alias>`: the provider doesn't know the table's own names.
    /// - Returns: nil if something else is asked for.
    static func alias(_ target: RequestTarget, along route: Route) -> ProxyResponse? {
        guard case .model = route.operation else { return nil }
        let name = target.modelID
        return route.server.meaning(of: name).map { _ in answer(entry(name, of: route.server)) }
    }

    private static func answer(_ value: JSONValue) -> ProxyResponse {
        .whole(Prelude(.ok, fields: [.contentType: "application/json"]), value.serialized)
    }

    /// The server's own model, and those that its callers may name instead.
    private static func names(_ server: Server, for caller: Caller) -> [String] {
        let own = [server.model].compactMap { $0 }.filter { !$0.isEmpty }
        return (own + server.aliases.filter { !own.contains($0) }).filter { caller.mayAsk(for: $0, at: server) }
    }

    /// Nobody knows when the model was made, but OpenAI's clients want a number.
    static func entry(_ name: String, of server: Server) -> JSONValue {
        .object([
            ("id", .string(name)), ("object", .string("model")), ("created", .integer(0)),
            ("owned_by", .string(server.name)),
        ])
    }
}
