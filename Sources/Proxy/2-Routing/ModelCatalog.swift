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
            return Self.answer(.object([("object", .string("list")), ("data", .array(entries))]))
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

    /// `created` is required by OpenAI's clients; the table doesn't know it, so it is 0.
    static func entry(_ name: String, of server: Server) -> JSONValue {
        .object([
            ("id", .string(name)), ("object", .string("model")), ("created", .integer(0)),
            ("owned_by", .string(server.name)),
        ])
    }
}
