import HTTPTypes
package import Transport

/// The Runtime API as three calls.
package struct RuntimeClient: Sendable {
    private let address: String
    private let transport: any HTTPTransport
    /// In milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - address: host and port, as `AWS_LAMBDA_RUNTIME_API` gives them.
    ///   - now: the time in milliseconds since 1970, against which deadlines are held.
    package init(address: String, over transport: any HTTPTransport, now: @escaping @Sendable () -> Int64) {
        self.address = address
        self.transport = transport
        self.now = now
    }

    /// How long before its deadline an answer that isn't taken is given up. On a managed instance nothing else ends
    /// it. In milliseconds.
    private static let lastMoment = 100

    /// Waits for work. There is no time-out: Lambda freezes the sandbox while it waits.
    /// - Parameter cancellation: ends the wait, but not what has begun to come.
    /// - Returns: work that is on its way: see `receive`.
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

    /// Receives the event whose head has come.
    func receive(_ response: TransportResponse) async throws(RuntimeFailure) -> Invocation {
        let payload: [UInt8]
        do throws(TransportError) {
            payload = try await response.body.collect(upTo: Self.largestEvent)
        } catch {
            throw unreachable(error)
        }
        guard response.status == .ok else {
            throw RuntimeFailure("The Runtime API answered \(response.status.code) to the call for the next event.")
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

    /// Answers an invocation with a stream: the prelude, then the body as it comes.
    /// - Parameter cancellation: ends the answer, whole or not.
    func respond(
        to invocation: Invocation, _ prelude: Prelude, body: BodyPipe, _ cancellation: Cancellation? = nil
    ) async -> Delivery {
        var fields = RuntimeAPI.streamFields
        fields[.invocationID] = invocation.attempt
        return await post(
            RuntimeAPI.response(invocation.id), fields: fields, body: .stream(prefix: prelude.serialized, body),
            timeLeft: invocation.timeLeft(at: now()), cancellation)
    }

    /// Says that an invocation has failed before any answer was begun.
    func fail(
        _ invocation: Invocation, _ error: InvocationError, _ cancellation: Cancellation? = nil
    ) async -> Delivery {
        var fields: HTTPFields = [.errorType: error.type, .contentType: "application/json"]
        fields[.invocationID] = invocation.attempt
        return await post(
            RuntimeAPI.error(invocation.id), fields: fields, body: .bytes(error.json),
            timeLeft: invocation.timeLeft(at: now()), cancellation)
    }

    /// Says that the program can't start.
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

    /// Lambda gives the start 10 s. In milliseconds.
    private static let initTime = 10_000

    private func url(_ path: String) -> String { "http://" + address + path }

    /// Lambda's limit for a request is 6 MB, for what JSON and base64 make of it nothing is documented. In bytes.
    private static let largestEvent = 16 * 1024 * 1024
}

// MARK: - Notice of the end

extension RuntimeClient {
    /// Registers an extension that wants no events: only where there is one does Lambda send SIGTERM before it ends
    /// the environment. To be called before the first `next`.
    /// - Returns: its identifier; nil if this Runtime API has no extensions.
    package func registerExtension(name: String) async -> String? {
        let fields: HTTPFields = [.extensionName: name, .contentType: "application/json"]
        var request = TransportRequest(
            .post, url(RuntimeAPI.register), fields: fields, body: .bytes(Array(#"{"events":[]}"#.utf8)))
        request.limits.total = Self.initTime / 10
        guard let response = try? await transport.open(request) else { return nil }
        _ = try? await response.body.collect(upTo: 64 * 1024)
        return response.status == .ok ? response.fields[.extensionID] : nil
    }

    /// Polls for the extension's events, of which none will come: Lambda waits for that before it counts the start as
    /// done. Returns when the Runtime API ends the poll.
    package func awaitEvents(of identifier: String) async {
        let fields: HTTPFields = [.extensionID: identifier]
        let response = try? await transport.open(TransportRequest(.get, url(RuntimeAPI.nextEvent), fields: fields))
        response?.body.cancel()
    }
}

/// Why the runtime can't go on: the process ends, and Lambda starts another.
package struct RuntimeFailure: Error, Equatable {
    package let message: String
    /// Whether the same call may well succeed a moment later.
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

    /// What marks a streamed body that starts with a prelude.
    private static let preludeType = "application/vnd.awslambda.http-integration-response"

    /// What every streamed answer is sent with.
    static let streamFields: HTTPFields = [
        .responseMode: "streaming",
        .contentType: preludeType,
        .trailer: "\(HTTPField.Name.errorType.rawName), \(HTTPField.Name.errorBody.rawName)",
    ]
}

extension HTTPField.Name {
    static let requestID = known("Lambda-Runtime-Aws-Request-Id")
    /// A nonce for each attempt, sent since July 2026: to be echoed with the answer.
    static let invocationID = known("Lambda-Runtime-Invocation-Id")
    static let deadline = known("Lambda-Runtime-Deadline-Ms")
    static let trace = known("Lambda-Runtime-Trace-Id")
    static let responseMode = known("Lambda-Runtime-Function-Response-Mode")
    static let extensionName = known("Lambda-Extension-Name")
    static let extensionID = known("Lambda-Extension-Identifier")
    static let errorType = known("Lambda-Runtime-Function-Error-Type")
    static let errorBody = known("Lambda-Runtime-Function-Error-Body")
}
