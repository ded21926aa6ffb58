import HTTPTypes
import LambdaRuntime
import Transport

/// The response to a caller who has asked for a stream while the upstream is silent: the head of a stream, comments as
/// long as the silence lasts, and then what the upstream sends, even if it is an error.
struct EarlyResponse {
    /// The time after which the caller gets a comment, in milliseconds.
    let silence: Int
    let timers: any Timers

    /// The head of a stream.
    static let prelude = Prelude(.ok, fields: [.contentType: "text/event-stream; charset=utf-8"])

    /// Fills `body` until it has ended.
    func fill(_ body: BodyPipe, from pending: PendingOutcome) async {
        repeat {
            // A reader that is behind needs no comment.
            if body.count == 0 { body.write(EventStreamFilter.keepalive) }
            if let outcome = await pending.wait(upTo: silence, timers) { return await finish(body, with: outcome) }
        } while !body.isCanceled
    }

    private func finish(_ body: BodyPipe, with outcome: Outcome) async {
        switch outcome {
        case .success(.stream(let prelude, let upstream)) where Self.isStream(prelude): await body.drain(upstream)
        case .success(.stream(_, let upstream)):
            upstream.cancel()
            fail(body, StreamFailure(.upstreamSentNoStream))
        case .success(.whole(let prelude, let answer)): fail(body, Self.failure(answer, prelude.status.code))
        case .failure(let error): fail(body, StreamFailure(error))
        }
    }

    private static func isStream(_ prelude: Prelude) -> Bool {
        prelude.status == .ok && MediaType(prelude.fields.value(of: .contentType)).isEventStream
    }

    /// An upstream's own error. Its message names the status, which SDKs don't see in a stream.
    private static func failure(_ answer: [UInt8], _ status: Int) -> StreamFailure {
        let words = "The server answered \(status)."
        return StreamFailure(answer, reason: words, message: words)
    }

    private func fail(_ body: BodyPipe, _ failure: StreamFailure) {
        body.write(failure.event)
        body.finish(as: failure.end)
    }
}

/// The result of asking upstreams, once it is known.
///
/// `@unchecked Sendable`: used on the loop only, by one that waits and one that resolves.
final class PendingOutcome: @unchecked Sendable {
    private(set) var outcome: Outcome?
    private var waiter: (() -> Void)?

    func resolve(_ outcome: Outcome) {
        self.outcome = outcome
        wake()
    }

    /// Waits for the outcome, at most for this many milliseconds.
    /// - Returns: nil if it isn't known by then.
    func wait(upTo milliseconds: Int, _ timers: any Timers) async -> Outcome? {
        await withCheckedContinuation { continuation in
            guard outcome == nil else { return continuation.resume() }
            let timer = timers.schedule(after: milliseconds) { self.wake() }
            waiter = {
                timers.cancel(timer)
                continuation.resume()
            }
        }
        return outcome
    }

    private func wake() {
        let waiter = waiter
        self.waiter = nil
        waiter?()
    }
}
