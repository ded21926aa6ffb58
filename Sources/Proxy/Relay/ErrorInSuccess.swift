import HTTPTypes
import LambdaRuntime
import Transport

/// An error with a status of success, as some servers answer: it gets a status at which an SDK raises an exception.
enum ErrorInSuccess {
    /// Waits for the first bytes of a JSON body.
    /// - Returns: nil if it is an answer. Its body is untouched.
    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> Answer? {
        let server = route.server.name
        let isError = try await FirstBytes.look(at: response.body, server: server) { ErrorProbe.finds(in: $0) }
        // What has broken off before anything was passed on is better asked for again.
        if case .failed(let error) = response.body.end { throw .upstreamFailed(server: server, error) }
        guard isError == true else { return nil }
        let body = try await UpstreamErrorBody.collect(response, for: route, meter)
        guard let error = ReportedError(body, isCertain: true) else { return nil }
        var prelude = prelude
        prelude.status = .init(code: error.status ?? 502)
        if error.isObject { return .whole(prelude, body) }
        prelude.fields[.contentType] = "application/json"
        return .whole(prelude, error.body(summary: ReportedError.summary(server)))
    }
}
