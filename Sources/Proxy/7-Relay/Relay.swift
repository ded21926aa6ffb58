import HTTPTypes
import LambdaRuntime
import Transport

/// Turns the upstream's response into the caller's. Successful responses pass as bytes; errors are read first.
enum Relay {
    /// - Parameters:
    ///   - meter: measures the response; errors don't count.
    ///   - asksForStream: whether some server might read the request as one for a stream.
    ///   - hidesUsage: whether only the proxy asked for the usage at the end of a stream.
    ///   - isDeadline: whether an error is due to the invocation's deadline.
    static func answer(
        _ response: TransportResponse, for route: Route, meter: Meter, asksForStream: Bool = false,
        hidesUsage: Bool = false, isDeadline: @escaping @Sendable (TransportError) -> Bool = { _ in false }
    ) async throws(ProxyError) -> ProxyResponse {
        if let fault = fault(in: response, of: route) {
            response.body.cancel()
            throw fault
        }
        var prelude = Prelude(response.status, fields: ResponseFields.rewrite(response.fields, for: route))
        let isError = response.status.code >= 400
        guard !isError || route.server.isReverseProxy else {
            // A body that can't be read is left out, since the status says enough.
            let isReadable = encoding(of: response) == nil
            return try await UpstreamErrorBody.answer(response, prelude, for: route, meter, isReadable: isReadable)
        }
        let type = MediaType(response.fields.value(of: .contentType))
        let isText = !type.isBinary && encoding(of: response) == nil
        switch try await kind(of: response, type, for: route, asksForStream: asksForStream) {
        case .events where route.expectsJSON && !asksForStream:
            return try await ErrorInSuccess.unaskedStream(response, prelude, for: route, meter)
        case .events(let isLabelled):
            if isLabelled, let error = try await mislabeled(response, prelude, for: route, meter) { return error }
            // In an ordinary server's stream, only events that may contain an error are searched for its token.
            let isSearched = isError || route.server.isReverseProxy && isText
            if !isLabelled { prelude.fields[.contentType] = EarlyResponse.prelude.fields[.contentType] }
            let filter = EventStreamFilter(for: route, meter: meter, hidesUsage: hidesUsage, isDeadline: isDeadline)
            attach(filter, to: response.body, isSearched: isSearched, route)
        case .plain(let isJSON):
            let isRead = isJSON && !route.server.isReverseProxy
            if isRead, let error = try await ErrorInSuccess.answer(response, prelude, for: route, meter) {
                return error
            }
            if let models = route.shownModels,
                let list = try await ModelList.answer(response, prelude, showing: models, for: route)
            {
                return list
            }
            let filter = PlainFilter(meter: meter, isRead: isRead, expectsJSON: isRead && route.expectsJSON)
            attach(filter, to: response.body, isSearched: isError || isRead || isText, route)
        }
        return .stream(prelude, response.body)
    }

    /// - Parameter isSearched: whether the server's token is removed.
    private static func attach(_ filter: some BodyFilter, to body: BodyPipe, isSearched: Bool, _ route: Route) {
        if isSearched, let redactor = route.upstream.redactor {
            body.attach(RedactingFilter(filter, redactor))
        } else {
            body.attach(filter)
        }
    }

    /// An error that is labeled as a stream, if it has arrived already: the head of a stream doesn't wait for it.
    private static func mislabeled(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> ProxyResponse? {
        guard route.expectsJSON else { return nil }
        switch response.body.withBuffered({ $0.startOfContent < $0.count ? $0[$0.startOfContent] : nil }) {
        case UInt8(ascii: "<"): throw refusal(of: response, .page, for: route)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return try await ErrorInSuccess.answer(response, prelude, for: route, meter)
        default: return nil
        }
    }

    private enum Kind {
        case events(isLabelled: Bool)
        case plain(isJSON: Bool)
    }

    /// The kind of a response: what its type says, if that is what was asked for. Otherwise its first bytes decide.
    private static func kind(
        of response: TransportResponse, _ type: MediaType, for route: Route, asksForStream: Bool
    ) async throws(ProxyError) -> Kind {
        let asLabelled = type.isEventStream ? Kind.events(isLabelled: true) : .plain(isJSON: type.isJSON)
        let isExpected = asksForStream ? type.isEventStream : type.isJSON
        guard route.expectsJSON, !isExpected, !type.isMedia else { return asLabelled }
        let body = response.body
        switch try await FirstBytes.look(at: body, server: route.server.name, { BodyStart($0, from: $1) }) {
        case .events: return .events(isLabelled: type.isEventStream)
        case .json: return .plain(isJSON: true)
        case .other where body.withBuffered { $0.isPage }: throw refusal(of: response, .page, for: route)
        case .other where type.isBinary: return asLabelled
        case .other:
            _ = try await FirstBytes.wait(for: body, server: route.server.name, isFree: false)
            throw refusal(of: response, .noJSON, for: route)
        // It is empty, or consists of empty lines.
        case nil where body.end != nil && body.withBuffered { $0.startOfContent == $0.count }:
            throw refusal(of: response, .empty, for: route)
        case nil where asksForStream && (body.end != nil || !type.isJSON): return .events(isLabelled: false)
        case nil where body.end != nil: throw refusal(of: response, .noJSON, for: route)
        case nil: return asLabelled
        }
    }

    /// Discards a response that isn't what was asked for. If it is a text, the error quotes it.
    static func refusal(of response: TransportResponse, _ reason: NoAnswer, for route: Route) -> ProxyError {
        let isText = reason == .noJSON && encoding(of: response) == nil
        let text = isText ? response.body.withBuffered { Array($0) }.withoutMark : []
        response.body.cancel()
        return .upstreamSentNoAnswer(
            server: route.server.name, status: response.status.code, reason,
            words: UpstreamErrorBody.words(of: route.upstream.redacted(text)))
    }

    /// The error for a response that can't be passed on, whatever its body says.
    private static func fault(in response: TransportResponse, of route: Route) -> ProxyError? {
        let server = route.server
        guard (200..<600).contains(response.status.code) else {
            let detail = "the status \(response.status.code), which HTTP doesn't have"
            return .upstreamFailed(server: server.name, TransportError(.malformed, detail))
        }
        guard !server.isReverseProxy else { return nil }
        if response.status.kind == .redirection {
            return .upstreamRedirected(server: server.name, status: response.status.code)
        }
        if response.status.code < 400, let encoding = encoding(of: response) {
            return .upstreamEncoded(server: server.name, encoding: route.upstream.redacted(encoding))
        }
        return nil
    }

    private static func encoding(of response: TransportResponse) -> String? {
        ContentCoding.changingBytes(response.fields.value(of: .contentEncoding))
    }
}

extension Route {
    /// Whether a success must be JSON or the stream that was asked for. Endpoints that the owner has opened may send
    /// anything.
    var expectsJSON: Bool {
        guard !server.isReverseProxy else { return false }
        if case .json = body { return true }
        return operation == .models || operation == .model
    }
}

/// The upstream's header fields that are passed on to the caller.
///
/// This is an allow-list. Everything else that providers send would be wrong, a duplicate, or not meant for the caller:
/// cookies, `server`, `alt-svc`, hop-by-hop fields, lengths, and CORS fields, which the function URL sets itself.
enum ResponseFields {
    private static let allowed: [HTTPField.Name] = [
        .contentType, .contentDisposition, .contentLanguage, .cacheControl, .retryAfter, .shouldRetry,
        .known("retry-after-ms"), .known("x-request-id"),
        // Anthropic's request id, which its SDK reads.
        .known("request-id"),
    ]
    private static let allowedPrefixes = ["openai-", "x-ratelimit-", "anthropic-ratelimit-", "x-proxy-"]

    /// A reverse proxy also carries web pages, unchanged and in whatever encoding the browser asked for.
    private static let allowedForPages: [HTTPField.Name] = [
        .contentEncoding, .location, .eTag, .lastModified, .vary,
    ]

    /// A function URL accepts a head of at most 16,000 bytes, and the proxy adds fields of its own. In bytes, as JSON.
    private static let longest = 12_000

    /// Fields that don't fit are left out. Those that clients read come first.
    static func rewrite(_ fields: HTTPFields, for route: Route) -> HTTPFields {
        let isReverseProxy = route.server.isReverseProxy
        var passing: [HTTPField] = []
        var others: [HTTPField] = []
        for field in fields {
            if allowed.has(field.name) || isReverseProxy && allowedForPages.has(field.name) {
                passing.append(field)
            } else if allowedPrefixes.contains(where: { field.name.canonicalName.utf8.starts(with: $0.utf8) }) {
                others.append(field)
            }
        }
        passing += others
        var output = HTTPFields()
        // The proxy adds its own later.
        output.reserveCapacity(passing.count + 8)
        var left = longest
        for var field in passing {
            guard !route.upstream.hasToken(inName: field.name.canonicalName) else { continue }
            if let redactor = route.upstream.redactor { field.value = redactor.redacted(field.value) }
            let length = length(of: field)
            guard length <= left else { continue }
            left -= length
            output.append(field)
        }
        return output
    }

    /// The length as JSON, with quotes, colon, comma and escapes.
    private static func length(of field: HTTPField) -> Int {
        let value = field.value.utf8.reduce(0) { sum, byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): sum + 2
            case ..<0x20, 0x7F: sum + 6
            default: sum + 1
            }
        }
        return field.name.canonicalName.utf8.count + value + 6
    }
}
