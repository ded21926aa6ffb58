import HTTPTypes
package import Transport

/// A client of the Lambda Runtime API.
package struct RuntimeClient: Sendable {
    private let address: String
    private let transport: any HTTPTransport
    /// In milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - address: host and port, as `AWS_LAMBDA_RUNTIME_API` gives them.
    ///   - now: the time in milliseconds since 1970, for comparison with deadlines.
    package init(address: String, over transport: any HTTPTransport, now: @escaping @Sendable () -> Int64) {
        self.address = address
        self.transport = transport
        self.now = now
    }

    /// In milliseconds. A response that isn't accepted is given up this long before the deadline. On a managed instance
    /// nothing else ends it.
    private static let lastMoment = 100

    /// Polls for the next invocation, without a timeout: Lambda freezes the sandbox meanwhile.
    /// - Parameter cancellation: ends the poll, but not an event whose head has arrived.
    /// - Returns: the response head; `receive` reads the event.
    func next(_ cancellation: Cancellation) async throws(RuntimeFailure) -> TransportResponse {
        var request = TransportRequest(.get, url(RuntimeAPI.next), responseWindow: Self.largestEvent)
        request.cancellation = cancellation
        do throws(TransportError) {
            let response = try await transport.open(request)
            cancellation.end = nil
            return response
        } catch {
            throw unreachable(error)
        }
    }

    /// Receives the event of a poll.
    func receive(_ response: TransportResponse) async throws(RuntimeFailure) -> Invocation {
        let payload: [UInt8]
        do throws(TransportError) {
            payload = try await response.body.collect(upTo: Self.largestEvent)
        } catch {
            throw unreachable(error)
        }
        guard response.status == .ok else {
            throw RuntimeFailure("The Runtime API answered \(response.status.code) to the poll for the next event.")
        }
        guard let invocation = Invocation(fields: response.fields, payload: payload) else {
            throw RuntimeFailure("The Runtime API sent an event without a request id.")
        }
        return invocation
    }

    private func unreachable(_ error: TransportError) -> RuntimeFailure {
        RuntimeFailure(
            "The Runtime API at \(address) can't be reached: \(error.detail).",
            isTransient: error.kind == .reset || error.kind == .refused)
    }

    /// Streams the response to an invocation: the prelude, then the body as it arrives.
    /// - Parameter cancellation: ends the response, complete or not.
    func respond(
        to invocation: Invocation, _ prelude: Prelude, body: BodyPipe, _ cancellation: Cancellation? = nil
    ) async -> Delivery {
        var fields = RuntimeAPI.streamFields
        fields[.invocationID] = invocation.attempt
        return await post(
            RuntimeAPI.response(invocation.id), fields: fields, body: .stream(prefix: prelude.serialized, body),
            timeLeft: invocation.timeLeft(at: now()), cancellation)
    }

    /// Responds to an invocation with one JSON document, which Lambda takes as the function's result.
    func respond(
        to invocation: Invocation, document: [UInt8], _ cancellation: Cancellation? = nil
    ) async -> Delivery {
        var fields: HTTPFields = [.contentType: "application/json"]
        fields[.invocationID] = invocation.attempt
        return await post(
            RuntimeAPI.response(invocation.id), fields: fields, body: .bytes(document),
            timeLeft: invocation.timeLeft(at: now()), cancellation)
    }

    /// Reports that an invocation has failed before a response was begun.
    func fail(
        _ invocation: Invocation, _ error: InvocationError, _ cancellation: Cancellation? = nil
    ) async -> Delivery {
        var fields: HTTPFields = [.errorType: error.type, .contentType: "application/json"]
        fields[.invocationID] = invocation.attempt
        return await post(
            RuntimeAPI.error(invocation.id), fields: fields, body: .bytes(error.json),
            timeLeft: invocation.timeLeft(at: now()), cancellation)
    }

    /// Reports that the program can't start.
    package func failInit(_ error: InvocationError) async -> Delivery {
        let fields: HTTPFields = [.errorType: error.type, .contentType: "application/json"]
        return await post(RuntimeAPI.initError, fields: fields, body: .bytes(error.json), timeLeft: Self.initTime)
    }

    private func post(
        _ path: String, fields: HTTPFields, body: TransportRequest.Body, timeLeft: Int?,
        _ cancellation: Cancellation? = nil
    ) async -> Delivery {
        var request = TransportRequest(.post, url(path), fields: fields, body: body)
        request.cancellation = cancellation
        request.limits.total = timeLeft.map { max(Self.lastMoment, $0 - Self.lastMoment) }
        do throws(TransportError) {
            let response = try await transport.open(request)
            let answer = try await response.body.collect(upTo: 64 * 1024)
            guard response.status.kind != .successful else { return .accepted }
            return .rejected(status: response.status.code, String(decoding: answer, as: UTF8.self))
        } catch {
            return .failed(error)
        }
    }

    /// Lambda allows 10 s for initialization. In milliseconds.
    private static let initTime = 10_000

    private func url(_ path: String) -> String { "http://" + address + path }

    /// Lambda's limit for a request is 6 MB; none is documented for its size as JSON with base64. In bytes.
    private static let largestEvent = 16 * 1024 * 1024
}

// MARK: - Extension for SIGTERM

extension RuntimeClient {
    /// Registers an extension without events, because Lambda sends SIGTERM before it ends an environment only if there
    /// is an extension. Call it before the first `next`.
    /// - Returns: its identifier; nil if this Runtime API doesn't support extensions.
    package func registerExtension(name: String) async -> String? {
        let fields: HTTPFields = [.extensionName: name, .contentType: "application/json"]
        var request = TransportRequest(
            .post, url(RuntimeAPI.register), fields: fields, body: .bytes(Array(#"{"events":[]}"#.utf8)))
        request.limits.total = Self.initTime / 10
        guard let response = try? await transport.open(request) else { return nil }
        _ = try? await response.body.collect(upTo: 64 * 1024)
        return response.status == .ok ? response.fields[.extensionID] : nil
    }

    /// Polls for the extension's events, although none will arrive: Lambda waits for this poll before it considers
    /// initialization complete. Returns when the Runtime API ends the poll.
    package func awaitEvents(of identifier: String) async {
        let fields: HTTPFields = [.extensionID: identifier]
        let response = try? await transport.open(TransportRequest(.get, url(RuntimeAPI.nextEvent), fields: fields))
        response?.body.cancel()
    }
}

/// The reason that the runtime can't continue. The process exits, and Lambda starts another.
package struct RuntimeFailure: Error, Equatable {
    package let message: String
    /// Whether a retry is likely to succeed.
    let isTransient: Bool

    init(_ message: String, isTransient: Bool = false) {
        self.message = message
        self.isTransient = isTransient
    }
}

/// The Lambda Runtime API's paths and header names, version 2018-06-01.
///
/// Source: "Building a custom runtime for AWS Lambda" and "Using the Lambda runtime API" in the AWS documentation.
enum RuntimeAPI {
    static let next = "/2018-06-01/runtime/invocation/next"
    static let initError = "/2018-06-01/runtime/init/error"
    static func response(_ id: String) -> String { "/2018-06-01/runtime/invocation/" + id + "/response" }
    static func error(_ id: String) -> String { "/2018-06-01/runtime/invocation/" + id + "/error" }

    /// The Extensions API, which the same address serves.
    static let register = "/2020-01-01/extension/register"
    static let nextEvent = "/2020-01-01/extension/event/next"

    /// The content type of a streamed body that starts with a prelude.
    private static let preludeType = "application/vnd.awslambda.http-integration-response"

    /// The header fields of every streamed response.
    static let streamFields: HTTPFields = [
        .responseMode: "streaming",
        .contentType: preludeType,
        .trailer: "\(HTTPField.Name.errorType.rawName), \(HTTPField.Name.errorBody.rawName)",
    ]
}

extension HTTPField.Name {
    static let requestID = known("Lambda-Runtime-Aws-Request-Id")
    /// A nonce for each attempt, sent since July 2026; the response must echo it.
    static let invocationID = known("Lambda-Runtime-Invocation-Id")
    static let deadline = known("Lambda-Runtime-Deadline-Ms")
    static let trace = known("Lambda-Runtime-Trace-Id")
    static let responseMode = known("Lambda-Runtime-Function-Response-Mode")
    static let extensionName = known("Lambda-Extension-Name")
    static let extensionID = known("Lambda-Extension-Identifier")
    static let errorType = known("Lambda-Runtime-Function-Error-Type")
    static let errorBody = known("Lambda-Runtime-Function-Error-Body")
}
