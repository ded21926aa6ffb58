import HTTPTypes
import LambdaRuntime
import Transport

/// The request as the upstream gets it.
enum UpstreamRequest {
    /// Kept back from the invocation's time, to tell the caller what has happened. In milliseconds.
    private static let deadlineMargin = 1000

    /// - Parameter timeLeft: until Lambda ends the invocation, in milliseconds; nil without a deadline.
    static func make(
        _ request: HTTPEvent, _ body: [UInt8], for route: Route, timeLeft: Int?
    ) throws(ProxyError) -> TransportRequest {
        var limits = route.server.limits
        let total = min(limits.total ?? .max, timeLeft.map { $0 - deadlineMargin } ?? .max)
        limits.total = total
        limits.connect = min(limits.connect, total)
        guard total > 0 else {
            throw .upstreamFailed(server: route.server.name, TransportError(.timeout, "no time was left to ask"))
        }
        return TransportRequest(
            request.method, route.url,
            fields: RequestFields.rewrite(request.fields, for: route),
            body: body.isEmpty ? .none : .bytes(body),
            limits: limits)
    }
}
