import LambdaRuntime
import Transport

/// What one request has of its own, from its event to its record.
struct Exchange {
    let invocation: Invocation
    let record: RequestRecord
    let permit: Permit
    /// Ends what is waited for.
    let cancellation: Cancellation

    /// It is known who calls.
    func isFrom(_ caller: Caller) {
        record.caller = caller
        permit.caller = caller
    }

    /// - Parameter now: in milliseconds since 1970.
    init(_ invocation: Invocation, _ cancellation: Cancellation, at now: Int64) {
        self.invocation = invocation
        self.cancellation = cancellation
        record = RequestRecord(invocation, at: now)
        permit = Permit(requestID: invocation.id, deadline: invocation.deadline)
    }
}
