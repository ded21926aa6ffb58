import HTTPTypes
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
            body)
    }

    static let body = Array(#"{"status":"ok"}"#.utf8)
}
