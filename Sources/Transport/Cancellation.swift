/// The way to end what an invocation is waiting for, from outside: an exchange, or a pause between two.
///
/// `@unchecked Sendable`: it is used on the loop only. Not a task's cancellation, because that would also end the call
/// that brings the caller the news.
package final class Cancellation: @unchecked Sendable {
    /// Why, once it is canceled. What is begun with it from then on fails at once.
    package private(set) var reason: TransportError?
    /// Ends what is going on. Whatever begins sets it anew: there is only one thing at a time.
    package var end: ((TransportError) -> Void)? { didSet { transfer = nil } }
    /// What is held by `end`.
    private var transfer: ObjectIdentifier?

    package init() {}

    /// Has this ended if it is canceled.
    package func hold(_ transfer: AnyObject, end: @escaping (TransportError) -> Void) {
        self.end = end
        self.transfer = ObjectIdentifier(transfer)
    }

    /// Lets go of what has ended, unless something else has begun since: an idle slot would keep its last answer.
    package func release(_ ended: AnyObject) {
        if transfer == ObjectIdentifier(ended) { end = nil }
    }

    package func cancel(_ detail: String) {
        guard reason == nil else { return }
        let error = TransportError(.canceled, detail)
        reason = error
        end?(error)
        end = nil
    }
}
