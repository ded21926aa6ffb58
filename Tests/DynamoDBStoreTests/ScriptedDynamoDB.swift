import HTTPTypes
import Synchronization
import Transport

/// Gives the test's responses, one for each request, and records the requests.
final class ScriptedDynamoDB: HTTPTransport {
    enum Step {
        case answer(Int, String, HTTPFields = [:])
        case error(TransportError.Kind)
    }

    private struct State {
        var steps: [Step]
        var requests: [TransportRequest] = []
    }

    private let state: Mutex<State>
    private let whileOpen: @Sendable () -> Void

    /// - Parameter whileOpen: is called when a request has been recorded.
    init(_ steps: [Step], whileOpen: @escaping @Sendable () -> Void = {}) {
        state = Mutex(State(steps: steps))
        self.whileOpen = whileOpen
    }

    var requests: [TransportRequest] { state.withLock { $0.requests } }

    var bodies: [String] {
        requests.map { request in
            guard case .bytes(let bytes) = request.body else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let step = state.withLock { state in
            state.requests.append(request)
            return state.steps.isEmpty ? .error(.refused) : state.steps.removeFirst()
        }
        whileOpen()
        switch step {
        case .error(let kind): throw TransportError(kind, "10.1.2.3 is away")
        case .answer(let status, let body, let fields):
            let pipe = BodyPipe()
            pipe.write(Array(body.utf8))
            pipe.finish(nil)
            return TransportResponse(status: .init(code: status), fields: fields, body: pipe)
        }
    }
}
