import Dialects
import HTTPTypes
import Logging
import Transport

/// Turns responses of Bedrock into those that an OpenAI server would have sent.
struct BedrockResponseReader {
    let route: Route
    let record: RequestRecord
    let logger: Logger
    /// The time in milliseconds since 1970.
    let now: Int64

    private var server: String { route.server.name }

    /// The largest response, which is read whole before it is translated. In bytes.
    private static let longest = 16 * 1024 * 1024
    /// 2,048 vectors of 1,536 numbers each take about 40 MB. In bytes.
    static let longestEmbeddings = 64 * 1024 * 1024
    private static let longestError = 256 * 1024

    func chat(_ response: TransportResponse, to request: ConverseRequest) async throws(ProxyError) -> TransportResponse
    {
        // The proxy follows no redirect, whatever the protocol.
        guard response.status.kind != .redirection else { return response }
        guard response.status == .ok else { return try await failure(response) }
        var context = ChatContext(
            id: "chatcmpl-\(response.fields.value(of: .awsRequestID) ?? record.id)", created: now / 1000,
            model: request.model)
        (context.includesUsage, context.schemaTool) = (request.includesUsage, request.schemaTool)
        if MediaType(response.fields.value(of: .contentType)).isAWSEventStream {
            return try await stream(response, context)
        }
        let body = try await collect(response, upTo: Self.longest)
        do throws(BedrockFailure) {
            return plain(.ok, try ConverseAnswer.chatCompletion(body, context), response.fields)
        } catch {
            return plain(error, response.fields)
        }
    }

    /// - Parameter answers: all responses, or only the first that isn't a success.
    func embeddings(
        _ answers: [ParallelCalls.Answer], to request: BedrockEmbeddings
    ) async throws(ProxyError) -> TransportResponse {
        let first = answers[0]
        guard first.status.kind != .redirection else {
            throw .upstreamRedirected(server: server, status: first.status.code)
        }
        guard first.status == .ok else {
            return plain(
                BedrockFailure(
                    status: first.status.code, errorType: first.fields.value(of: .awsErrorType), body: first.body),
                first.fields)
        }
        do throws(BedrockFailure) {
            let response = try request.response(answers.map(\.body), tokens: answers.map(\.tokens))
            return plain(.ok, response, first.fields)
        } catch {
            return plain(error, first.fields)
        }
    }

    /// Looks at the first message before the response begins, so that another server can still be asked if it is an
    /// exception.
    private func stream(_ response: TransportResponse, _ context: ChatContext) async throws(ProxyError)
        -> TransportResponse
    {
        let body = response.body
        switch try await FirstBytes.look(
            at: body, server: server, { bytes, _ in ConverseStreamFilter.beginning(of: bytes) })
        {
        case .failure(let failure):
            body.cancel()
            return plain(failure, response.fields)
        case .malformed(let reason):
            body.cancel()
            throw .upstreamFailed(server: server, TransportError(.malformed, reason))
        case .events, nil:
            var context = context
            context.onFailure = { failure in log(failure) }
            body.attach(ConverseStreamFilter(context))
            return TransportResponse(
                status: .ok, fields: fields("text/event-stream; charset=utf-8", response.fields), body: body)
        }
    }

    /// - Returns: an error in OpenAI's format.
    func failure(_ response: TransportResponse) async throws(ProxyError) -> TransportResponse {
        let body = try await collect(response, upTo: Self.longestError)
        let type = response.fields.value(of: .awsErrorType)
        return plain(BedrockFailure(status: response.status.code, errorType: type, body: body), response.fields)
    }

    func collect(_ response: TransportResponse, upTo limit: Int) async throws(ProxyError) -> [UInt8] {
        do throws(TransportError) {
            return try await response.body.collect(upTo: limit)
        } catch {
            throw .upstreamFailed(server: server, error)
        }
    }

    func plain(_ failure: BedrockFailure, _ fields: HTTPFields) -> TransportResponse {
        log(failure)
        var fields = fields
        // The same credentials would be refused again.
        fields[.shouldRetry] = failure.isForOwner ? "false" : nil
        return plain(HTTPResponse.Status(code: failure.status), failure.body, fields)
    }

    func plain(_ status: HTTPResponse.Status, _ bytes: [UInt8], _ received: HTTPFields) -> TransportResponse {
        let body = BodyPipe()
        body.write(bytes)
        body.finish(nil)
        return TransportResponse(status: status, fields: fields("application/json", received), body: body)
    }

    private func fields(_ type: String, _ received: HTTPFields) -> HTTPFields {
        var fields: HTTPFields = [.contentType: type]
        fields[.requestID] = received.value(of: .awsRequestID)
        fields[.retryAfter] = received.value(of: .retryAfter)
        fields[.shouldRetry] = received.value(of: .shouldRetry)
        return fields
    }

    private func log(_ failure: BedrockFailure) {
        guard let detail = failure.detail else { return }
        let words = LogText(route.upstream.redacted(detail), longest: 1000, without: record.keys, guesses: false).text
        logger.log(
            level: failure.isForOwner || failure.status >= 500 ? .warning : .info, "Bedrock has refused a request",
            metadata: [
                "request": "\(record.id)", "server": "\(server)", "status": "\(failure.status)", "error": "\(words)",
            ])
    }
}

extension BedrockFailure {
    /// Whether only the proxy's owner can correct it.
    fileprivate var isForOwner: Bool { code == Self.authentication || type == Self.permission }
}
