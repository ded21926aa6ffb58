import Transport

/// What can be canceled of the invocations that are open.
///
/// `@unchecked Sendable`: used on the loop only.
final class OpenRequests: @unchecked Sendable {
    private var all: [ObjectIdentifier: Cancellation] = [:]
    private var reason: String?

    func begin() -> Cancellation {
        let cancellation = Cancellation()
        if let reason { cancellation.cancel(reason) }
        all[ObjectIdentifier(cancellation)] = cancellation
        return cancellation
    }

    func end(_ cancellation: Cancellation) { all[ObjectIdentifier(cancellation)] = nil }

    /// Ends all, and whatever begins later.
    func cancelAll(_ reason: String) {
        self.reason = reason
        for cancellation in all.values { cancellation.cancel(reason) }
    }
}
