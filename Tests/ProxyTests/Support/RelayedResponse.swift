import HTTPTypes
import Transport

@testable import Proxy

extension Relay {
    /// What the relay makes of a response that has arrived completely.
    static func answer(
        _ status: Int, _ fields: HTTPFields, _ body: String, error: TransportError? = nil,
        to rule: Route.BodyRule = .json(model: "m"), asksForStream: Bool = false,
        _ change: (inout Server) -> Void = { _ in }
    ) async throws -> ProxyResponse {
        let pipe = BodyPipe()
        Array(body.utf8).withUnsafeBytes { pipe.write($0) }
        pipe.finish(error)
        let response = TransportResponse(status: .init(code: status), fields: fields, body: pipe)
        return try await Relay.answer(
            response, for: Samples.route(rule, change), meter: Samples.meter(), asksForStream: asksForStream)
    }
}

extension ProxyResponse {
    /// Reads the body.
    func text() -> String {
        switch self {
        case .whole(_, let body): String(decoding: body, as: UTF8.self)
        case .stream(_, let pipe): String(decoding: pipe.readAll(), as: UTF8.self)
        }
    }
}
