/// Lets things happen later, on the loop that carries the transport.
package protocol Timers: Sendable {
    /// Calls `action` once, on the loop, after so many milliseconds; unless it is canceled before.
    func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID
    func cancel(_ timer: TimerID)
}

/// Names a scheduled action, and sorts it by the time at which it is due.
package struct TimerID: Sendable, Hashable, Comparable {
    package let due: Int64
    private let number: UInt64

    /// - Parameter number: tells timers apart that are due at the same time.
    package init(due: Int64, number: UInt64) {
        self.due = due
        self.number = number
    }

    package static func < (one: TimerID, other: TimerID) -> Bool {
        (one.due, one.number) < (other.due, other.number)
    }
}

extension Timers {
    /// Waits, unless it is canceled meanwhile: then the reason is thrown.
    package func sleep(for milliseconds: Int, _ cancellation: Cancellation) async throws(TransportError) {
        await withCheckedContinuation { continuation in
            guard cancellation.reason == nil else { return continuation.resume() }
            let timer = schedule(after: milliseconds) {
                cancellation.end = nil
                continuation.resume()
            }
            cancellation.end = { _ in
                cancel(timer)
                continuation.resume()
            }
        }
        if let reason = cancellation.reason { throw reason }
    }
}

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
