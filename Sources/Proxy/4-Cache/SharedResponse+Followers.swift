import LambdaRuntime
import Transport

extension SharedResponse {
    /// One request that follows.
    final class Follower: @unchecked Sendable {
        let body = BodyPipe()
        fileprivate(set) var offset = 0
        /// How much its reader has taken. A slow one may take little of its pipe for a long time.
        var read: Int { offset - body.count }
        var timer: TimerID?
        let cancellation: Cancellation
        /// Whether its time is up, or its request was canceled.
        var isStopped = false
        private var waiter: CheckedContinuation<Void, Never>?

        init(_ cancellation: Cancellation) { self.cancellation = cancellation }

        /// Waits until the response has begun, or the follower has left.
        func wait(unless isOver: () -> Bool) async {
            await withCheckedContinuation { continuation in
                if isOver() { continuation.resume() } else { waiter = continuation }
            }
        }

        func wake() {
            waiter?.resume()
            waiter = nil
        }
    }

    /// Begins to follow. The body will be the same from its first byte to its end.
    /// - Parameters:
    ///   - limit: for how long, in milliseconds; nil for no limit.
    ///   - failure: what ends a body that takes longer, or whose request is canceled. Nil to cut it off.
    func follow(
        upTo limit: Int?, _ cancellation: Cancellation,
        failure: @escaping @Sendable (TransportError, Prelude) -> StreamFailure?
    ) -> Follower {
        let follower = Follower(cancellation)
        followers.append(follower)
        let stop = { @Sendable [self] (error: TransportError) in
            follower.isStopped = true
            if case .answer(let prelude) = beginning {
                if let failure = failure(error, prelude), finishEvent(of: follower) {
                    follower.body.write(failure.event)
                    follower.body.finish(as: failure.end)
                } else {
                    follower.body.finish(error)
                }
            }
            leave(follower)
        }
        cancellation.end = { stop($0) }
        if let limit {
            let error = TransportError(.deadline, "the invocation's time ran out")
            follower.timer = timers.schedule(after: max(0, limit)) { stop(error) }
        }
        follower.body.onCancel = { [self] in leave(follower) }
        pump(follower)
        source?.tapHasRoom()
        return follower
    }

    /// Waits for the beginning.
    /// - Returns: nil if the follower's time is up, or its request was canceled.
    func beginning(for follower: Follower) async -> Beginning? {
        await follower.wait { beginning != nil || !isFollowed(by: follower) }
        if case .answer = beginning, !follower.isStopped { return beginning }
        leave(follower)
        return follower.isStopped ? nil : beginning
    }

    func isFollowed(by follower: Follower) -> Bool { followers.contains { $0 === follower } }

    /// Moves what has arrived into the follower's pipe, as far as there is room.
    func pump(_ follower: Follower) {
        let body = follower.body
        guard case .answer = beginning, body.end == nil, !body.isCanceled else { return }
        while follower.offset < total, !body.isFull {
            let start = follower.offset - dropped
            let length = min(total - follower.offset, BodyPipe.defaultHighMark)
            bytes.withUnsafeBytes { body.write(.init(rebasing: $0[start..<start + length])) }
            follower.offset += length
        }
        // Not at once, because the reader calls this while it reads.
        if body.isFull { body.onDrained = { [self] in _ = timers.schedule(after: 0) { self.goOn(follower) } } }
        guard follower.offset == total, let end else { return }
        body.finish(as: end)
        leave(follower)
    }

    /// Moves the rest of the event in which the follower is, so that another one can follow. Only the events that are too
    /// long for the relay's filter arrive in parts.
    /// - Returns: false if it hasn't arrived.
    private func finishEvent(of follower: Follower) -> Bool {
        let start = follower.offset - dropped
        guard start < bytes.count else { return bytes.last.map { $0 == 0x0A || $0 == 0x0D } ?? true }
        return bytes.withUnsafeBytes { all in
            var boundary = EventBoundary()
            // What is before the offset tells whether it is inside a line.
            var end = max(0, start - Self.boundaryLength)
            repeat {
                guard let next = boundary.next(in: all, from: end) else { return false }
                end = next
            } while end < start
            follower.body.write(.init(rebasing: all[start..<end]))
            follower.offset += end - start
            return true
        }
    }

    private func goOn(_ follower: Follower) {
        pump(follower)
        source?.tapHasRoom()
    }

    /// Stops following. The leader may be waiting only for its followers.
    func leave(_ follower: Follower) {
        guard let index = followers.firstIndex(where: { $0 === follower }) else { return }
        followers.remove(at: index)
        if let timer = follower.timer { timers.cancel(timer) }
        follower.cancellation.end = nil
        // The hook refers to the follower, which has the body.
        follower.body.onCancel = nil
        follower.wake()
        changed()
        if followers.isEmpty { onUnfollowed?() }
    }
}

// MARK: - Readers that have stopped

extension SharedResponse {
    /// How long the others wait for a reader that is as far behind as is kept, and reads nothing. In milliseconds.
    static let longestStall = 5000

    /// Cuts off who stays where it is, if the others wait for it.
    func watchForStalls() {
        guard stallTimer == nil, let source, !followers.isEmpty else { return }
        let leader = total - source.count
        let isLeaderBehind = !source.isAbandoned && isFarBehind(leader)
        let behind = followers.filter { isFarBehind($0.offset) }.map { (follower: $0, read: $0.read) }
        guard isLeaderBehind || !behind.isEmpty else { return }
        stallTimer = timers.schedule(after: Self.longestStall) { [self] in
            stallTimer = nil
            guard let source = self.source else { return }
            for (follower, read) in behind where follower.read == read && isFollowed(by: follower) {
                follower.body.finish(
                    as: .failed(TransportError(.reset, "the reader stopped, and others waited for it")))
                leave(follower)
            }
            if isLeaderBehind, total - source.count == leader { source.cutOffReader() }
            source.tapHasRoom()
            watchForStalls()
        }
    }
}
