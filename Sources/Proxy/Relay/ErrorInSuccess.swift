import HTTPTypes
import LambdaRuntime
import Transport

/// An error with a status of success, as some servers answer: it gets a status at which an SDK raises an exception.
enum ErrorInSuccess {
    /// White space before an error is no longer than that. In bytes.
    private static let longestLook = 4 * 1024

    /// Waits for the first bytes of a JSON body, since nothing has been said yet that couldn't be taken back.
    /// - Returns: nil if it is an answer. Its body is untouched.
    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, server: String
    ) async throws(ProxyError) -> Answer? {
        guard try await isError(response.body, server: server) else { return nil }
        let body = try await UpstreamErrorBody.collect(response, server: server)
        guard let error = ReportedError(body, isCertain: true) else { return nil }
        var prelude = prelude
        prelude.status = .init(code: error.status ?? 502)
        return .whole(prelude, error.isObject ? body : error.body(summary: ReportedError.summary(server)))
    }

    private static func isError(_ body: BodyPipe, server: String) async throws(ProxyError) -> Bool {
        while true {
            let isError = body.withBuffered { ErrorProbe.finds(in: .init(rebasing: $0.prefix(longestLook))) }
            if case .failed(let error) = body.end { throw .upstreamFailed(server: server, error) }
            if let isError { return isError }
            guard body.end == nil, body.count < longestLook else { return false }
            guard !body.isCanceled else {
                throw .upstreamFailed(server: server, TransportError(.canceled, "nobody wanted the answer"))
            }
            await body.readable(beyond: body.count)
        }
    }
}
