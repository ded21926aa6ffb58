import HTTPTypes
import JSONBytes
import LambdaRuntime

/// `GET /v1/models`: the names of models that the caller may send to the address that all servers share, in OpenAI's
/// format; and `GET /v1/models/<name>`. A server's own list is at `/<server>/v1/models`.
struct ModelCatalog {
    private let models: ModelNames

    init(_ models: ModelNames) { self.models = models }

    /// - Returns: nil if the request is for something else.
    func answer(
        _ destination: Destination, for caller: Caller, _ record: RequestRecord
    ) throws(ProxyError) -> ProxyResponse? {
        guard case .shared(let endpoint, let address) = destination else { return nil }
        switch endpoint.operation {
        case .models:
            record.operation = .models
            let entries = models.all(for: caller).map { Self.entry($0.name, of: $0.server) }
            return Self.list(entries)
        case .model:
            record.operation = .model
            let name = address.modelName
            guard let choice = models.choices(for: name, of: caller).first else {
                throw .modelNotFound(name, others: models.nearest(to: name, for: caller))
            }
            return Self.answer(Self.entry(name, of: choice.upstream.server))
        default: return nil
        }
    }

    /// `GET /<server>/v1/models/<alias>`, which is answered here, since the provider doesn't know the table's aliases;
    /// and the models of a provider that has no list in OpenAI's format, as far as the table names them.
    /// - Returns: nil if the server has to be asked.
    func answer(_ target: RequestTarget, along route: Route) throws(ProxyError) -> ProxyResponse? {
        let server = route.server
        switch route.operation {
        case .model:
            let name = target.modelID
            if server.meaning(of: name) != nil { return Self.answer(Self.entry(name, of: server)) }
            guard server.provider != .openAI else { return nil }
            let known = models.models(of: server)
            guard known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                throw .modelNotFound(name, others: Array(known.prefix(3)))
            }
            return Self.answer(Self.entry(name, of: server))
        case .models where server.provider != .openAI:
            var shown = models.models(of: server)
            if case .allowed(let allowed) = route.shownModels { shown.removeAll { !allowed.allow($0, at: server) } }
            return Self.list(shown.map { Self.entry($0, of: server) })
        default: return nil
        }
    }

    private static func list(_ entries: [JSONValue]) -> ProxyResponse {
        answer(.object([("object", .string("list")), ("data", .array(entries))]))
    }

    private static func answer(_ value: JSONValue) -> ProxyResponse {
        .whole(Prelude(.ok, fields: [.contentType: "application/json"]), value.serialized)
    }

    /// `created` is required by OpenAI's clients; the table doesn't know it, so it is 0.
    static func entry(_ name: String, of server: Server) -> JSONValue {
        .object([
            ("id", .string(name)), ("object", .string("model")), ("created", .integer(0)),
            ("owned_by", .string(server.name)),
        ])
    }
}
