import LambdaRuntime
import Transport

/// What belongs to one request, from its event to its record.
struct RequestContext {
    let invocation: Invocation
    let record: RequestRecord
    let reservation: QuotaReservation
    /// Cancels what the request waits for.
    let cancellation: Cancellation

    /// Notes who calls.
    func isFrom(_ caller: Caller) {
        record.caller = caller
        reservation.caller = caller
    }

    /// - Parameter now: in milliseconds since 1970.
    init(_ invocation: Invocation, _ cancellation: Cancellation, at now: Int64) {
        self.invocation = invocation
        self.cancellation = cancellation
        record = RequestRecord(invocation, at: now)
        reservation = QuotaReservation(requestID: invocation.id, deadline: invocation.deadline)
    }
}

/// What the caller gets: a whole body, or a stream.
enum ProxyResponse {
    case whole(Prelude, [UInt8])
    case stream(Prelude, BodyPipe)
}

/// The result of asking upstreams.
typealias Outcome = Result<ProxyResponse, ProxyError>

/// The open invocations, to cancel them.
///
/// `@unchecked Sendable`: used on the loop only.
final class OpenRequests: @unchecked Sendable {
    private var all: [Cancellation] = []
    private var reason: String?

    func begin() -> Cancellation {
        let cancellation = Cancellation()
        if let reason { cancellation.cancel(reason) }
        all.append(cancellation)
        return cancellation
    }

    func end(_ cancellation: Cancellation) {
        guard let index = all.firstIndex(where: { $0 === cancellation }) else { return }
        all.swapAt(index, all.count - 1)
        all.removeLast()
    }

    /// Cancels all, and whatever begins later.
    func cancelAll(_ reason: String) {
        self.reason = reason
        for cancellation in all { cancellation.cancel(reason) }
    }
}
