import HTTPTypes
import LambdaRuntime
import Transport

/// The request as upstreams get it: the same for all that are asked, but for what their servers' tables say.
///
/// By reference, because it is handed on and on.
///
/// `@unchecked Sendable`: used on the loop only.
final class UpstreamRequest: @unchecked Sendable {
    private let method: HTTPRequest.Method
    private let fields: HTTPFields
    private var body: RequestBody
    let context: RequestContext
    /// Notes what its answer costs.
    let meter: Meter

    init(_ request: HTTPEvent, _ body: RequestBody, _ meter: Meter, _ context: RequestContext) {
        method = request.method
        fields = request.fields
        self.body = body
        self.meter = meter
        self.context = context
    }

    /// - Parameter place: the index of one of the server's `urls`.
    func sent(along route: Route, to place: Int, within timeLeft: RemainingTime) throws(ProxyError) -> TransportRequest
    {
        if let left = timeLeft.nearest, left <= 0 {
            guard !timeLeft.isInvocationNearer else { throw .deadlineExceeded(server: route.server.name) }
            throw .upstreamFailed(server: route.server.name, TransportError(.timeout, "no time was left to ask"))
        }
        if let reason = context.cancellation.reason {
            throw .upstreamFailed(server: route.server.name, reason)
        }
        context.record.asks(route.place, for: body.model(for: route))
        let bytes = body.bytes(for: route)
        var request = TransportRequest(
            method, route.url(at: place),
            fields: RequestFields.rewrite(fields, for: route, trace: context.invocation.trace),
            body: bytes.isEmpty ? .none : .bytes(bytes),
            limits: timeLeft.cut(route.server.limits))
        request.cancellation = context.cancellation
        return request
    }

    /// Nobody will be asked any more. A stream of minutes must not keep its prompt.
    func letGo() { body = RequestBody() }

    /// Whether some server might take it for one that wants a stream.
    var mayStream: Bool { body.mayStream }

    /// Whether the usage at the end of a stream from there is none of the caller's.
    func hidesUsage(on route: Route) -> Bool { body.addsUsage(for: route) }

    /// After how many milliseconds without a word from upstream the caller is answered all the same; nil if never. Where the
    /// end of a stream has no mark, no error event is known in which a failure could be told then.
    func longestSilence(on route: Route) -> Int? {
        body.wantsStream && route.server.commitsEarly && route.streamEnd != .unmarked
            ? route.server.limits.silence : nil
    }
}
