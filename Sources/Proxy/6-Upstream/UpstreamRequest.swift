import HTTPTypes
import LambdaRuntime
import Transport

/// The request that is sent to upstreams, adapted to each server's settings.
///
/// By reference, because it is passed on often.
///
/// `@unchecked Sendable`: used on the loop only.
final class UpstreamRequest: @unchecked Sendable {
    private let method: HTTPRequest.Method
    let fields: HTTPFields
    private(set) var body: RequestBody
    let context: RequestContext
    /// Measures its response.
    let meter: Meter

    init(_ request: HTTPEvent, _ body: RequestBody, _ meter: Meter, _ context: RequestContext) {
        method = request.method
        fields = request.fields
        self.body = body
        self.meter = meter
        self.context = context
    }

    /// The request in the protocol of the route's provider; nil if that is OpenAI's.
    func translated(for route: Route) throws(ProxyError) -> Translation? {
        try Translation(body.bytes(for: route), for: route)
    }

    /// Throws if there is no time left to ask a server.
    func checkTime(_ timeLeft: RemainingTime, for route: Route) throws(ProxyError) {
        guard let left = timeLeft.nearest, left <= 0 else { return }
        guard !timeLeft.isInvocationNearer else { throw .deadlineExceeded(server: route.server.name) }
        throw .upstreamFailed(server: route.server.name, TransportError(.timeout, "no time was left to ask"))
    }

    /// - Parameters:
    ///   - translation: the result of `translated`.
    ///   - urlIndex: the index of one of the server's `urls`.
    func sent(
        along route: Route, as translation: Translation?, to urlIndex: Int, within timeLeft: RemainingTime
    ) throws(ProxyError) -> TransportRequest {
        try checkTime(timeLeft, for: route)
        if let reason = context.cancellation.reason {
            throw .upstreamFailed(server: route.server.name, reason)
        }
        context.record.asks(route.upstream, for: body.model(for: route))
        let bytes = translation?.first.body ?? body.bytes(for: route)
        let url = translation.map { route.server.urls[urlIndex].text + $0.first.path } ?? route.url(at: urlIndex)
        var request = TransportRequest(
            method, url, fields: RequestFields.rewrite(fields, for: route, trace: context.invocation.trace),
            body: bytes.isEmpty ? .none : .bytes(bytes),
            limits: timeLeft.cut(route.server.limits))
        request.cancellation = context.cancellation
        return request
    }

    /// Releases the body once no further server is asked: a stream may take minutes and must not keep its prompt.
    func letGo() { body = RequestBody() }

    /// Whether some server might read it as a request for a stream.
    var mayStream: Bool { body.mayStream }

    /// Whether the usage at the end of a stream is hidden from the caller.
    func hidesUsage(on route: Route) -> Bool { body.addsUsage(for: route) }

    /// How long the upstream may be silent before the response begins anyway, in milliseconds. Nil if the response
    /// waits for the upstream: if the end of a stream has no mark, no known error event could report a later failure.
    func longestSilence(on route: Route) -> Int? {
        body.wantsStream && route.server.commitsEarly && route.streamEnd != .unmarked
            ? route.server.limits.silence : nil
    }
}

/// The caller's header fields that are sent to the upstream, and those that the proxy adds.
enum RequestFields {
    /// Nothing else is forwarded: no keys, cookies, `x-forwarded-*`, `x-amz*`, hop-by-hop fields or SDK telemetry.
    static let allowed: [HTTPField.Name] = [
        .contentType, .accept, .userAgent, .known("openai-beta"), .known("traceparent"), .known("tracestate"),
    ]
    /// A reverse proxy also carries web pages. They are passed on in whatever encoding the browser asked for.
    private static let allowedForPages: [HTTPField.Name] = [.acceptEncoding, .acceptLanguage]

    /// - Parameter trace: the invocation's trace id from Lambda, which replaces one from the caller.
    static func rewrite(_ fields: HTTPFields, for route: Route, trace: String? = nil) -> HTTPFields {
        let server = route.server
        var output = HTTPFields()
        output.reserveCapacity(allowed.count + server.forwardHeaders.count + 4)
        for passing in [allowed, server.forwardHeaders, server.isReverseProxy ? allowedForPages : []] {
            for name in passing {
                if let value = fields.value(of: name) { output[name] = value }
            }
        }
        if let trace { output[.amazonTrace] = trace }
        if !server.isReverseProxy { output[.acceptEncoding] = "identity" }
        if case .json = route.body {
            output[.contentType] = json(fields.value(of: .contentType))
            // The body was read as JSON, so it isn't encoded.
            output[.contentEncoding] = nil
        } else if !route.expectsJSON, let encoding = fields.value(of: .contentEncoding) {
            output[.contentEncoding] = encoding
        }
        if server.provider != .openAI {
            for name in [HTTPField.Name.accept, .known("openai-beta")] { output[name] = nil }
        }
        logIn(to: server, &output)
        return output
    }

    private static func logIn(to server: Server, _ fields: inout HTTPFields) {
        guard let token = server.token?.revealed else { return }
        if let header = server.authHeader {
            fields[header] = token
        } else {
            fields[.authorization] = "Bearer " + token
        }
    }

    /// The body has been read as JSON, so it is sent as JSON. Without a type, curl says `x-www-form-urlencoded`.
    private static func json(_ type: String?) -> String {
        guard let type, type != "application/json", MediaType(type).isJSON else { return "application/json" }
        // In another encoding, such as UTF-7, the same bytes would be a different text from the one that was checked.
        let parameters = type.utf8.split(separator: UInt8(ascii: ";")).dropFirst()
        let isUTF8 = parameters.allSatisfy { parameter in
            let letters = parameter.filter { $0 != 0x20 && $0 != 0x09 }.map { $0 | 0x20 }
            return letters.elementsEqual("charset=utf-8".utf8)
        }
        return isUTF8 && !type.utf8.contains(UInt8(ascii: ",")) ? type : "application/json"
    }
}
