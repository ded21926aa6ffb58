import Dialects
import HTTPTypes
import LambdaRuntime
import Transport

/// A request in the protocol of a provider that doesn't speak OpenAI's.
enum Translation {
    case converse(ConverseRequest)
    case embeddings(BedrockEmbeddings)

    /// - Parameter body: as an OpenAI server would get it.
    /// - Returns: nil for a provider that speaks OpenAI's protocol.
    init?(_ body: @autoclosure () -> [UInt8], for route: Route) throws(ProxyError) {
        guard route.server.provider == .bedrock else { return nil }
        do throws(RequestRefusal) {
            self =
                route.operation == .embeddings
                ? .embeddings(try BedrockEmbeddings(body())) : .converse(try ConverseRequest(body()))
        } catch {
            throw .untranslatable(error)
        }
    }

    /// The path and body of the first request, which is the only one, except for embeddings.
    var first: (path: String, body: [UInt8]) {
        switch self {
        case .converse(let request): (request.path, request.body)
        case .embeddings(let request): (request.calls[0].path, request.calls[0].body)
        }
    }
}

extension Attempts {
    /// Asks a provider that doesn't speak OpenAI's protocol.
    /// - Parameter sent: the first request, not signed yet.
    /// - Returns: the response as if the provider spoke it.
    func open(
        _ sent: TransportRequest, as translation: Translation, to url: WeightedURL, for request: UpstreamRequest,
        _ route: Route
    ) async throws(ProxyError) -> TransportResponse {
        let reader = BedrockResponseReader(route: route, record: request.context.record, logger: logger, now: now())
        switch translation {
        case .converse(let converse):
            let response = try await open(sent, to: url, for: request, route)
            return try await reader.chat(response, to: converse)
        case .embeddings(let embeddings):
            let calls = ParallelCalls(over: transport, to: route.server.name)
            var isAnswered = false
            defer { if !isAnswered { calls.note(in: request.context, route) } }
            let answers = try await send(embeddings.calls, sent, to: url, calls, request.context, route)
            request.meter.noteAttempt()
            let response = try await reader.embeddings(answers, to: embeddings)
            isAnswered = response.status == .ok
            return response
        }
    }

    private func send(
        _ all: [BedrockEmbeddings.Call], _ sent: TransportRequest, to url: WeightedURL, _ calls: ParallelCalls,
        _ context: RequestContext, _ route: Route
    ) async throws(ProxyError) -> [ParallelCalls.Answer] {
        let (fields, limits, server) = (sent.fields, sent.limits, route.server)
        let (now, signer) = (now, signer)
        let end = now() + Int64(limits.total ?? 0)
        return try await calls.send(all.count, upTo: BedrockResponseReader.longestEmbeddings, context.cancellation) {
            index throws(ProxyError) in
            var request = TransportRequest(
                .post, url.text + all[index].path, fields: fields, body: .bytes(all[index].body), limits: limits)
            // The time is for all of them together.
            request.limits.total = limits.total.map { _ in max(1, Int(end - now())) }
            try signer.sign(&request, for: url, of: server)
            return request
        }
    }
}

extension ParallelCalls {
    /// Counts what the requests have used although there will be no response.
    fileprivate func note(in context: RequestContext, _ route: Route) {
        if succeeded > 0 || failures.contains(where: { $0.mayHaveWork(on: route) }) {
            context.reservation.hasWork(at: route.server)
        }
        if tokens > 0 {
            context.record.noteErrorUsage(TokenUsage(input: tokens, output: 0, cachedInput: 0, isEstimate: false))
        }
        if failures.contains(where: \.leavesWork) { context.record.leavesWork() }
    }
}

extension Result<ParallelCalls.Answer, ProxyError> {
    fileprivate func mayHaveWork(on route: Route) -> Bool {
        switch self {
        case .success(let answer): ModelWork.mayHaveBegun(answer.status.code, on: route)
        case .failure(.upstreamFailed(_, let cause)): ModelWork.mayHaveBegun(cause)
        case .failure: false
        }
    }

    fileprivate var leavesWork: Bool {
        guard case .failure(.upstreamFailed(_, let cause)) = self else { return false }
        return cause.leavesWork
    }
}
