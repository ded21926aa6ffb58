import HTTPTypes
import Transport

/// Replaces the network: upstreams that answer as the test says, one step for each request, and the Runtime API.
///
/// `@unchecked Sendable`: only code on the loop uses it while the loop runs.
final class ScriptedTransport: HTTPTransport, @unchecked Sendable {
    enum Outcome {
        case answer(Int, HTTPFields = [:], String = #"{"error":{"message":"no"}}"#)
        case error(TransportError.Kind)
        /// Neither a byte nor an error.
        case silence
    }

    struct Step {
        var outcome: Outcome
        /// In milliseconds.
        var delay = 0
    }

    struct Call {
        let url: String
        let fields: HTTPFields
        let body: String
        let limits: TimeLimits
        /// In milliseconds, since the first call.
        let time: Int64
    }

    static let runtimeAPI = "runtime.test"

    private let loop: ManualLoop
    private var steps: [Step]
    private var started: Int64?
    private(set) var calls: [Call] = []
    /// The function's responses in the order in which they ended, each with the URL of its invocation: a prelude, and
    /// the body after it. With the time at which it began, in milliseconds since 1970.
    private(set) var answers: [(url: String, prelude: [UInt8], body: [UInt8], began: Int64)] = []

    /// The Runtime API's status for the response. It reads nothing of one that it rejects.
    private let runtimeStatus: Int

    init(_ loop: ManualLoop, _ steps: [Step], runtimeStatus: Int = 202) {
        self.loop = loop
        self.steps = steps
        self.runtimeStatus = runtimeStatus
    }

    func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        if case .stream(let prefix, let body) = request.body {
            let began = loop.now
            guard runtimeStatus == 202 else {
                answers.append((request.url, prefix, [], began))
                body.cancel()
                return response(runtimeStatus, [:], "no")
            }
            answers.append((request.url, prefix, try await body.collect(upTo: 1 << 20), began))
            return response(202, [:], "")
        }
        note(request)
        let step = steps.isEmpty ? Step(outcome: .answer(599)) : steps.removeFirst()
        return try await perform(step, within: request.limits, request.cancellation ?? Cancellation())
    }

    private func note(_ request: TransportRequest) {
        started = started ?? loop.now
        var body: [UInt8] = []
        if case .bytes(let bytes) = request.body { body = bytes }
        calls.append(
            Call(
                url: request.url, fields: request.fields, body: String(decoding: body, as: UTF8.self),
                limits: request.limits, time: loop.now - (started ?? 0)))
    }

    private func perform(
        _ step: Step, within limits: TimeLimits, _ cancellation: Cancellation
    ) async throws(TransportError) -> TransportResponse {
        let patience = limits.total ?? .max / 2
        if case .silence = step.outcome {
            try await loop.sleep(for: patience, cancellation)
            throw TransportError(.timeout, "too slow")
        }
        try await loop.sleep(for: min(step.delay, patience), cancellation)
        guard step.delay < patience else { throw TransportError(.timeout, "too slow") }
        switch step.outcome {
        case .answer(let status, let fields, let body): return response(status, fields, body)
        case .error(let kind): throw TransportError(kind, "10.1.2.3")
        case .silence: throw TransportError(.timeout, "too slow")
        }
    }

    private func response(_ status: Int, _ fields: HTTPFields, _ body: String) -> TransportResponse {
        let pipe = BodyPipe()
        Array(body.utf8).withUnsafeBytes { pipe.write($0) }
        pipe.finish(nil)
        return TransportResponse(status: .init(code: status), fields: fields, body: pipe)
    }
}
