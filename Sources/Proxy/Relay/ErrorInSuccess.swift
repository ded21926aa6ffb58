import HTTPTypes
import LambdaRuntime
import Transport

/// An error with a status of success, as some servers answer: it gets a status at which an SDK raises an exception.
enum ErrorInSuccess {
    /// Waits for the beginning of a JSON body, or for all of a short one.
    /// - Returns: nil if it is an answer. Its body is untouched.
    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> Answer? {
        let server = route.server.name
        let beginning = try await FirstBytes.wait(
            for: response.body, server: server, isFree: !route.expectsJSON)
        let isWhole = response.body.end != nil && response.body.count == beginning.count
        switch beginning.withUnsafeBytes({ JSONStart($0, isWhole: isWhole) }) {
        case .answer: return nil
        case .nothing(let reason) where route.expectsJSON: throw Relay.refusal(of: response, reason, for: route)
        case .nothing: return nil
        case .perhapsError:
            let error = isWhole ? ReportedError(beginning.withoutMark, isCertain: true) : nil
            guard error?.isAlone == true else { return nil }
        case .error: break
        }
        let body = try await UpstreamErrorBody.collect(response, for: route, meter)
        guard let error = ReportedError(body, isCertain: true) else { return nil }
        if case .json = route.body { meter.noteError(error) }
        var prelude = prelude
        prelude.status = .init(code: error.status ?? 502)
        if error.isReadable { return .whole(prelude, body) }
        prelude.fields[.contentType] = "application/json"
        return .whole(prelude, error.body(summary: ReportedError.summary(server)))
    }
}
