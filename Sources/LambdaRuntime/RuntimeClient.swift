import HTTPTypes
package import Transport

/// The Runtime API as three calls.
package struct RuntimeClient: Sendable {
    private let address: String
    private let transport: any HTTPTransport

    /// - Parameter address: host and port, as `AWS_LAMBDA_RUNTIME_API` gives them.
    package init(address: String, over transport: any HTTPTransport) {
        self.address = address
        self.transport = transport
    }

    /// Waits for work. There is no time-out: Lambda freezes the sandbox while it waits.
    func next() async throws(RuntimeFailure) -> Invocation {
        let request = TransportRequest(.get, url(RuntimeAPI.next), responseWindow: Self.largestEvent)
        let response: TransportResponse
        let payload: [UInt8]
        do throws(TransportError) {
            response = try await transport.open(request)
            payload = try await response.body.collect(upTo: Self.largestEvent)
        } catch {
            throw RuntimeFailure("The Runtime API at \(address) can't be reached: \(error.detail).")
        }
        guard response.status == .ok else {
            throw RuntimeFailure("The Runtime API answered \(response.status.code) to the call for the next event.")
        }
        guard let invocation = Invocation(fields: response.fields, payload: payload) else {
            throw RuntimeFailure("The Runtime API sent an event without a request id.")
        }
        return invocation
    }

    /// Answers an invocation with a stream: the prelude, then the body as it comes.
    func respond(to invocation: Invocation, _ prelude: Prelude, body: BodyPipe) async -> Delivery {
        var fields: HTTPFields = [
            .responseMode: "streaming",
            .contentType: RuntimeAPI.preludeType,
            .trailer: "\(HTTPField.Name.errorType.rawName), \(HTTPField.Name.errorBody.rawName)",
        ]
        fields[.invocationID] = invocation.attempt
        return await post(
            RuntimeAPI.response(invocation.id), fields: fields, body: .stream(prefix: prelude.serialized, body))
    }

    /// Says that an invocation has failed before any answer was begun.
    func fail(_ invocation: Invocation, _ error: InvocationError) async -> Delivery {
        var fields: HTTPFields = [.errorType: error.type, .contentType: "application/json"]
        fields[.invocationID] = invocation.attempt
        return await post(RuntimeAPI.error(invocation.id), fields: fields, body: .bytes(error.json))
    }

    /// Says that the program can't start.
    package func failInit(_ error: InvocationError) async -> Delivery {
        let fields: HTTPFields = [.errorType: error.type, .contentType: "application/json"]
        return await post(RuntimeAPI.initError, fields: fields, body: .bytes(error.json))
    }

    private func post(_ path: String, fields: HTTPFields, body: TransportRequest.Body) async -> Delivery {
        do throws(TransportError) {
            let response = try await transport.open(TransportRequest(.post, url(path), fields: fields, body: body))
            let answer = try await response.body.collect(upTo: 64 * 1024)
            guard response.status.kind != .successful else { return .accepted }
            return .rejected(status: response.status.code, String(decoding: answer, as: UTF8.self))
        } catch {
            return .failed(error)
        }
    }

    private func url(_ path: String) -> String { "http://\(address)\(path)" }

    /// Lambda's limit for a request is 6 MB, for what JSON and base64 make of it nothing is documented. In bytes.
    private static let largestEvent = 16 * 1024 * 1024
}
