import HTTPTypes
import LambdaRuntime
import Transport

/// From the upstream's head to the caller's answer. Good answers pass as bytes; errors are looked at first.
enum Relay {
    /// - Parameters:
    ///   - meter: notes what of the answer goes by; errors don't count.
    ///   - hidesUsage: whether the usage at the end of a stream was asked for by us alone.
    ///   - isDeadline: whether an error comes of the invocation's end.
    static func answer(
        _ response: TransportResponse, for route: Route, meter: Meter, hidesUsage: Bool = false,
        isDeadline: @escaping @Sendable (TransportError) -> Bool = { _ in false }
    ) async throws(ProxyError) -> Answer {
        let server = route.server.name
        if let fault = fault(in: response, of: route.server) {
            response.body.cancel()
            throw fault
        }
        let prelude = Prelude(response.status, fields: ResponseFields.rewrite(response.fields, for: route))
        guard response.status.code < 400 || route.server.isReverseProxy else {
            // What can't be read is left out: the status says enough.
            let isReadable = encoding(of: response) == nil
            return try await UpstreamErrorBody.answer(response, prelude, server: server, isReadable: isReadable)
        }
        let type = MediaType(response.fields.value(of: .contentType))
        if type.isEventStream {
            response.body.attach(
                EventStreamFilter(for: route, meter: meter, hidesUsage: hidesUsage, isDeadline: isDeadline))
        } else {
            let isRead = type.isJSON && !route.server.isReverseProxy
            if isRead, let error = try await ErrorInSuccess.answer(response, prelude, server: server) {
                return error
            }
            if let models = route.shownModels {
                return try await ModelList.answer(response, prelude, showing: models, server: server)
            }
            response.body.attach(PlainFilter(meter: meter, isRead: isRead))
        }
        return .stream(prelude, response.body)
    }

    /// What can't be passed on, whatever its body says.
    private static func fault(in response: TransportResponse, of server: Server) -> ProxyError? {
        guard (200..<600).contains(response.status.code) else {
            let detail = "the status \(response.status.code), which HTTP doesn't have"
            return .upstreamFailed(server: server.name, TransportError(.malformed, detail))
        }
        guard !server.isReverseProxy else { return nil }
        if response.status.kind == .redirection {
            return .upstreamRedirected(server: server.name, status: response.status.code)
        }
        if response.status.code < 400, let encoding = encoding(of: response) {
            return .upstreamEncoded(server: server.name, encoding: encoding)
        }
        return nil
    }

    private static func encoding(of response: TransportResponse) -> String? {
        response.fields.value(of: .contentEncoding).flatMap { $0.lowercased() == "identity" ? nil : $0 }
    }
}
