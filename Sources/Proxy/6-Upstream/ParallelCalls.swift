import HTTPTypes
import Transport

/// Several requests in place of one: a few at a time, and the first failure ends them all.
///
/// `@unchecked Sendable`: used on the loop only.
final class ParallelCalls: @unchecked Sendable {
    /// How many requests are open at once.
    private static let most = 8
    /// More than a request can have. Larger counts are cut, so that sums don't overflow.
    private static let mostTokens = 1_000_000_000

    /// A whole response.
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let fields: HTTPFields
        let body: [UInt8]

        /// How many tokens the request had; nil if the server doesn't say.
        var tokens: Int? { fields.value(of: .bedrockInputTokens).flatMap { Int($0) } }
    }

    /// Makes the request with an index.
    typealias Maker = @Sendable (_ index: Int) throws(ProxyError) -> TransportRequest

    private let transport: any HTTPTransport
    private let server: String
    /// How many requests have succeeded, and so cost something.
    private(set) var succeeded = 0
    /// The input tokens of those.
    private(set) var tokens = 0
    /// The other requests that were sent, as they ended. The first one has ended them all.
    private(set) var failures: [Result<Answer, ProxyError>] = []
    /// How many more bytes the responses may have.
    private var room = 0
    /// How many bytes a response may have.
    private var share = 0

    init(over transport: any HTTPTransport, to server: String) { (self.transport, self.server) = (transport, server) }

    /// Sends the requests.
    /// - Parameters:
    ///   - limit: of all responses together, in bytes. Each may have its share of the open ones.
    ///   - cancellation: cancels all.
    /// - Returns: the responses, in the order of the requests; or only the first that isn't a success.
    func send(
        _ count: Int, upTo limit: Int, _ cancellation: Cancellation, _ make: @escaping Maker
    ) async throws(ProxyError) -> [Answer] {
        (room, share) = (limit, limit / Self.most)
        let all = cancellation.branch()
        defer { cancellation.close(all) }
        var answers: [Answer?] = Array(repeating: nil, count: count)
        await withTaskGroup(of: (Int, Result<Answer, ProxyError>?).self) { group in
            var next = 0
            func start() {
                guard next < count, failures.isEmpty else { return }
                let index = next
                next += 1
                group.addTask { (index, await self.send(index, all, make)) }
            }
            for _ in 0..<Self.most { start() }
            for await (index, result) in group {
                if case .success(let answer) = result, answer.status == .ok {
                    answers[index] = answer
                    succeeded += 1
                    tokens += max(0, min(answer.tokens ?? 0, Self.mostTokens))
                } else if let result {
                    failures.append(result)
                    all.cancel("another request for the same response has failed")
                }
                start()
            }
        }
        if let failure = failures.first { return [try failure.get()] }
        return answers.compactMap { $0 }
    }

    /// - Returns: nil if it wasn't sent, because another one has failed.
    private func send(_ index: Int, _ all: Cancellation, _ make: Maker) async -> Result<Answer, ProxyError>? {
        guard failures.isEmpty else { return nil }
        do throws(ProxyError) {
            var request = try make(index)
            let cancellation = all.branch()
            defer { all.close(cancellation) }
            request.cancellation = cancellation
            do throws(TransportError) {
                let response = try await transport.open(request)
                let body = try await response.body.collect(upTo: min(room, share))
                room = max(0, room - body.count)
                return .success(Answer(status: response.status, fields: response.fields, body: body))
            } catch {
                throw .upstreamFailed(server: server, error)
            }
        } catch {
            return .failure(error)
        }
    }
}
