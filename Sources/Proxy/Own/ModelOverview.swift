import HTTPTypes
import JSONBytes
import LambdaRuntime

/// `GET /v1/models`: what the table itself says of models, in OpenAI's format. A server's whole list is its own.
struct ModelOverview {
    private let servers: [Server]

    init(_ table: ServerTable) { servers = table.servers }

    /// - Returns: nil if something else is asked for.
    func answer(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller, _ record: RequestRecord
    ) throws(ProxyError) -> Answer? {
        guard target.segments.count == 2, target.segments[0].isNamed("v1"), target.segments[1].isNamed("models")
        else { return nil }
        record.operation = .models
        guard method == .get else { throw .methodNotAllowed(method, allowed: [.get]) }
        let models = servers.filter { caller.mayUse($0) }.flatMap { server in
            Self.names(server, for: caller).map { Self.entry($0, of: server) }
        }
        let list = JSONValue.object([("object", .string("list")), ("data", .array(models))])
        return .whole(Prelude(.ok, fields: [.contentType: "application/json"]), list.serialized)
    }

    /// The server's own model, and those that its callers may name instead.
    private static func names(_ server: Server, for caller: Caller) -> [String] {
        let own = [server.model].compactMap { $0 }.filter { !$0.isEmpty }
        let meanings =
            own.map { ($0, server.modelAliases[$0] ?? $0) }
            + server.modelAliases.filter { !own.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        guard let allowed = caller.key?.allowedModels else { return meanings.map(\.0) }
        return meanings.filter { allowed.fit($0.1) }.map(\.0)
    }

    /// Nobody knows when the model was made, but OpenAI's clients want a number.
    private static func entry(_ name: String, of server: Server) -> JSONValue {
        .object([
            ("id", .string(name)), ("object", .string("model")), ("created", .integer(0)),
            ("owned_by", .string(server.name)),
        ])
    }
}
