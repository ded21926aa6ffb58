import HTTPTypes
import LambdaRuntime
import Transport

/// Sends the outcome through a front door that doesn't stream: as one document.
extension Proxy {
    func deliverWhole(
        _ outcome: Outcome, _ context: RequestContext, _ writer: consuming ResponseWriter
    ) async -> Delivery {
        context.record.note(outcome)
        switch await collected(outcome, context) {
        case .success(let response):
            let prelude = context.marked(response.prelude)
            if context.door == .directInvocation, prelude.status.code >= 400 {
                return await writer.fail(InvocationError(upstream: prelude.status.code, response.body))
            }
            guard let document = context.door.document(prelude, response.body) else {
                let error = ProxyError.responseTooLarge(limit: context.door.longestDocument)
                context.record.fails(Failure(error))
                return await send(error, context, writer)
            }
            return await writer.send(document: document)
        case .failure(let error):
            return await send(error, context, writer)
        }
    }

    private func send(
        _ error: ProxyError, _ context: RequestContext, _ writer: consuming ResponseWriter
    ) async -> Delivery {
        let prelude = context.record.marked(error.prelude)
        guard context.door != .directInvocation, let document = context.door.document(prelude, error.body) else {
            return await writer.fail(InvocationError(error))
        }
        return await writer.send(document: document)
    }

    /// The whole response. A stream that fails on the way becomes an error, since nothing has been sent yet.
    private func collected(
        _ outcome: Outcome, _ context: RequestContext
    ) async -> Result<(prelude: Prelude, body: [UInt8]), ProxyError> {
        let stream: (prelude: Prelude, body: BodyPipe)
        switch outcome {
        case .success(.whole(let prelude, let body)): return .success((prelude, body))
        case .failure(let error): return .failure(error)
        case .success(.stream(let prelude, let body)): stream = (prelude, body)
        }
        let server = context.record.servingServer?.name ?? ""
        defer { context.record.note(stream.body.end) }
        do throws(TransportError) {
            let limit = context.door.longestDocument
            guard let body = try await stream.body.collect(ifUpTo: limit) else {
                let error = ProxyError.responseTooLarge(limit: limit)
                // Before the end of the body, which this causes.
                context.record.fails(Failure(error))
                stream.body.cancel()
                return .failure(error)
            }
            if case .partial(let type, let reason, _) = stream.body.end {
                if let error = ProxyError(cutOff: type, reason, at: server) { return .failure(error) }
                return .success(Self.failure(body))
            }
            // The filter writes a line feed where there is nothing, because an empty stream isn't delivered.
            return .success((stream.prelude.markedAsCollected, body == [0x0A] ? [] : body))
        } catch {
            return .failure(.upstreamFailed(server: server, error))
        }
    }

    /// The error response for a stream whose last event reports an error.
    private static func failure(_ events: [UInt8]) -> (prelude: Prelude, body: [UInt8]) {
        let fields: HTTPFields = [.contentType: "application/json", .cacheControl: Prelude.noSharedCache]
        let body = events.withUnsafeBytes { ErrorEvents($0).error }?.body(summary: "The server reported an error.")
        return (Prelude(.badGateway, fields: fields), body ?? events)
    }
}

extension ProxyError {
    /// The error for a stream that was cut off; nil if its last event says more.
    /// - Parameter type: the type of its failure.
    fileprivate init?(cutOff type: String, _ reason: String, at server: String) {
        switch type {
        case Failure.canceled: self = .upstreamFailed(server: server, TransportError(.canceled, reason))
        case Failure.timedOut: self = .upstreamFailed(server: server, TransportError(.idleTimeout, reason))
        case Failure.outOfTime: self = .deadlineExceeded(server: server)
        case Failure(.upstreamTruncated(server: server)).type: self = .upstreamTruncated(server: server)
        default: return nil
        }
    }
}

extension Prelude {
    /// Tells a caller who has asked for a stream that it comes as a whole.
    fileprivate var markedAsCollected: Prelude {
        guard MediaType(fields.value(of: .contentType)).isEventStream else { return self }
        var prelude = self
        prelude.fields[.proxyStream] = "collected"
        return prelude
    }
}
