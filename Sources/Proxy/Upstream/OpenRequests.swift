import Transport

/// What can be canceled of the invocations that are open.
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

    /// Ends all, and whatever begins later.
    func cancelAll(_ reason: String) {
        self.reason = reason
        for cancellation in all { cancellation.cancel(reason) }
    }
}
