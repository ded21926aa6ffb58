/// Schedules actions on the transport's loop.
package protocol Timers: Sendable {
    /// Calls `action` once, on the loop, after this many milliseconds, unless canceled before.
    func schedule(after milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> TimerID
    func cancel(_ timer: TimerID)
}

/// Identifies a scheduled action. Sorts by due time.
package struct TimerID: Sendable, Hashable, Comparable {
    package let due: Int64
    private let number: UInt64

    /// - Parameter number: distinguishes timers that are due at the same time.
    package init(due: Int64, number: UInt64) {
        self.due = due
        self.number = number
    }

    package static func < (one: TimerID, other: TimerID) -> Bool {
        (one.due, one.number) < (other.due, other.number)
    }
}

extension Timers {
    /// Waits. Throws the reason if canceled meanwhile.
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

/// Cancels an invocation's current operation from outside: an exchange, or a pause between two.
///
/// This isn't task cancellation, which would also cancel the call that sends the error to the caller.
///
/// `@unchecked Sendable`: used on the loop only.
package final class Cancellation: @unchecked Sendable {
    /// The reason, once canceled. Anything started with it afterwards fails at once.
    package private(set) var reason: TransportError?
    /// Ends the current operation, which sets this hook; there is only one at a time.
    package var end: ((TransportError) -> Void)? { didSet { transfer = nil } }
    /// The transfer that set `end`.
    private var transfer: ObjectIdentifier?
    /// Parts of the work that go on at the same time.
    private var branches: [Cancellation] = []

    package init() {}

    /// Begins a part of the work, which is canceled with the whole. `close` must follow.
    package func branch() -> Cancellation {
        let branch = Cancellation()
        if let reason { branch.cancel(reason) }
        branches.append(branch)
        return branch
    }

    /// Forgets a branch that has ended.
    package func close(_ branch: Cancellation) {
        guard let index = branches.firstIndex(where: { $0 === branch }) else { return }
        branches.swapAt(index, branches.count - 1)
        branches.removeLast()
    }

    /// Registers a transfer to be ended on cancellation.
    package func hold(_ transfer: AnyObject, end: @escaping (TransportError) -> Void) {
        self.end = end
        self.transfer = ObjectIdentifier(transfer)
    }

    /// Releases a finished transfer, unless another has begun since, so that an idle slot doesn't retain its last
    /// response.
    package func release(_ ended: AnyObject) {
        if transfer == ObjectIdentifier(ended) { end = nil }
    }

    package func cancel(_ detail: String) { cancel(TransportError(.canceled, detail)) }

    private func cancel(_ error: TransportError) {
        guard reason == nil else { return }
        reason = error
        for branch in branches { branch.cancel(error) }
        end?(error)
        end = nil
    }
}

/// How long a request may wait for something.
package struct TimedRequest: Sendable {
    package let cancellation: Cancellation
    /// When its response must begin, in milliseconds since 1970; nil for no limit.
    package let deadline: Int64?

    package init(cancellation: Cancellation, deadline: Int64?) {
        self.cancellation = cancellation
        self.deadline = deadline
    }

    package func hasTime(at now: Int64) -> Bool { cancellation.reason == nil && (timeLeft(at: now) ?? 1) > 0 }

    package func timeLeft(at now: Int64) -> Int? { deadline.map { max(0, Int($0 - now)) } }
}
