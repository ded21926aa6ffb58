import HTTPTypes
import LambdaRuntime
import Transport

/// The answer to a caller who wants a stream while the upstream hasn't said a word: the head of a stream, comments while
/// the silence lasts, and then what the upstream says, be it only an error.
struct EarlyAnswer {
    /// How long the caller hears nothing, in milliseconds.
    let silence: Int
    let timers: any Timers

    /// What a stream begins with.
    static let prelude = Prelude(.ok, fields: [.contentType: "text/event-stream; charset=utf-8"])

    /// Fills `body` until it has ended.
    func fill(_ body: BodyPipe, from pending: PendingOutcome) async {
        repeat {
            // A reader that is behind has something to read.
            if body.count == 0 { write(EventStreamFilter.keepalive, to: body) }
            if let outcome = await pending.wait(upTo: silence, timers) { return await finish(body, with: outcome) }
        } while !body.isCanceled
    }

    private func finish(_ body: BodyPipe, with outcome: Outcome) async {
        switch outcome {
        case .success(.stream(let prelude, let upstream)) where Self.isStream(prelude): await body.drain(upstream)
        case .success(.stream(_, let upstream)):
            upstream.cancel()
            fail(body, .upstreamSentNoStream)
        case .success(.whole(let prelude, let answer)): fail(body, with: answer, status: prelude.status.code)
        case .failure(let error): fail(body, error)
        }
    }

    private static func isStream(_ prelude: Prelude) -> Bool {
        prelude.status == .ok && MediaType(prelude.fields[.contentType]).isEventStream
    }

    /// An upstream's own error, in words that the SDKs notice: in a stream they don't see the status.
    private func fail(_ body: BodyPipe, with answer: [UInt8], status: Int) {
        let reason = "The server answered \(status)."
        guard let error = ReportedError(answer, isCertain: true), !error.isReadable else {
            return fail(body, answer, reason, reason)
        }
        fail(body, error.body(summary: reason), reason, reason)
    }

    private func fail(_ body: BodyPipe, _ error: ProxyError) { fail(body, error.body, error.detail, error.message) }

    private func fail(_ body: BodyPipe, _ answer: [UInt8], _ reason: String, _ message: String) {
        write(EventStreamFilter.failureEvent(answer), to: body)
        let trailers = InvocationError("UpstreamFailed", message).trailers
        body.finish(as: .partial(reason: reason, trailers: trailers))
    }

    private func write(_ bytes: [UInt8], to body: BodyPipe) { bytes.withUnsafeBytes { body.write($0) } }
}
