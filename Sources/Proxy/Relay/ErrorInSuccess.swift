import HTTPTypes
import LambdaRuntime
import Transport

/// An error with a status of success, as some servers answer: it gets a status at which an SDK raises an exception.
enum ErrorInSuccess {
    /// Waits for the beginning of a JSON body, or for all of a short one.
    /// - Returns: nil if it is an answer. Its body is untouched.
    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> ProxyResponse? {
        let beginning = try await FirstBytes.wait(
            for: response.body, server: route.server.name, isFree: !route.expectsJSON)
        let isWhole = response.body.end != nil && response.body.count == beginning.count
        switch beginning.withUnsafeBytes({ JSONStart($0, isWhole: isWhole) }) {
        case .answer: return nil
        case .nothing(let reason) where route.expectsJSON: throw Relay.refusal(of: response, reason, for: route)
        case .nothing: return nil
        // What else an owner has opened may well answer with nothing but a message.
        case .unclear where !route.expectsJSON: return nil
        case .perhapsError, .unclear:
            let error = isWhole ? ReportedError(beginning.withoutMark, isCertain: true) : nil
            guard error?.isAlone == true else { return nil }
        case .error: break
        }
        let (body, isAll) = try await UpstreamErrorBody.collect(response, for: route, meter)
        guard let error = ReportedError(body, isCertain: true) else { return nil }
        if case .json = route.body { meter.noteError(error) }
        if error.isReadable, isAll { return .whole(head(prelude, of: error), body) }
        return wrapped(error, prelude, for: route)
    }

    /// Waits for the first event of a stream that wasn't asked for: SDKs would pass it on as one long string.
    static func unaskedStream(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> ProxyResponse {
        let server = route.server.name
        _ = try await FirstBytes.look(at: response.body, server: server) { $0.endOfFirstData(from: $1) }
        let beginning = response.body.withBuffered { route.place.redacted(Array($0)) }
        let events = beginning.withUnsafeBytes { ErrorEvents($0) }
        guard let error = events.error, events.isCertain || error.isAlone else {
            throw Relay.refusal(of: response, .events, for: route)
        }
        meter.noteError(beginning)
        response.body.cancel()
        return wrapped(error, prelude, for: route)
    }

    private static func wrapped(_ error: ReportedError, _ prelude: Prelude, for route: Route) -> ProxyResponse {
        var prelude = head(prelude, of: error)
        prelude.fields[.contentType] = "application/json"
        return .whole(prelude, error.body(summary: ReportedError.summary(route.server.name)))
    }

    private static func head(_ prelude: Prelude, of error: ReportedError) -> Prelude {
        var prelude = prelude
        prelude.status = .init(code: error.status ?? 502)
        return prelude
    }
}
