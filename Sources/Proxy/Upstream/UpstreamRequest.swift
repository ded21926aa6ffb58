import HTTPTypes
import LambdaRuntime
import Transport

/// The request as upstreams get it: the same for all that are asked, but for what their servers' tables say.
struct UpstreamRequest {
    private let method: HTTPRequest.Method
    private let fields: HTTPFields
    private let body: RequestBody
    private let trace: String?
    /// Ends what is waited for, be it an upstream or the time for the next attempt.
    let cancellation: Cancellation

    /// Whom it has been sent to.
    let origin: Origin

    /// Notes what its answer costs.
    let meter: Meter

    /// - Parameter trace: how Lambda's tracing knows the invocation.
    init(
        _ request: HTTPEvent, _ body: RequestBody, trace: String?, _ origin: Origin, _ meter: Meter,
        _ cancellation: Cancellation
    ) {
        method = request.method
        fields = request.fields
        self.body = body
        self.trace = trace
        self.meter = meter
        self.origin = origin
        self.cancellation = cancellation
    }

    /// - Parameter place: the index of one of the server's `urls`.
    func sent(along route: Route, to place: Int, within timeLeft: TimeLeft) throws(ProxyError) -> TransportRequest {
        if let left = timeLeft.nearest, left <= 0 {
            guard !timeLeft.isInvocationNearer else { throw .deadlineExceeded(server: route.server.name) }
            throw .upstreamFailed(server: route.server.name, TransportError(.timeout, "no time was left to ask"))
        }
        let bytes = body.bytes(for: route)
        var request = TransportRequest(
            method, route.url(at: place),
            fields: RequestFields.rewrite(fields, for: route, trace: trace),
            body: bytes.isEmpty ? .none : .bytes(bytes),
            limits: timeLeft.cut(route.server.limits))
        request.cancellation = cancellation
        return request
    }

    /// Whether the usage at the end of a stream from there is none of the caller's.
    func hidesUsage(on route: Route) -> Bool { body.addsUsage(for: route) }

    /// After how many milliseconds without a word from upstream the caller is answered all the same; nil if never.
    func longestSilence(on route: Route) -> Int? {
        body.wantsStream && route.server.commitsEarly ? route.server.limits.silence : nil
    }
}
