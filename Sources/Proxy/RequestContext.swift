import LambdaRuntime
import Transport

/// What belongs to one request, from its event to its record.
struct RequestContext {
    let invocation: Invocation
    let record: RequestRecord
    let reservation: QuotaReservation
    /// Ends what is waited for.
    let cancellation: Cancellation

    /// It is known who calls.
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
