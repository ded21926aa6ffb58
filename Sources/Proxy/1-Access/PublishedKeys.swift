import JSONWebTokens
import Logging
import Transport

/// The keys that a token issuer publishes. They are fetched when a request needs them, by that request: between
/// requests Lambda freezes the process, and what happens in the background with it.
///
///     no keys ──fetched──▶ fresh ──an hour──▶ stale ──a day──▶ no keys
///
/// A failed fetch leaves stale keys in use.
///
/// `@unchecked Sendable`: used on the loop only.
final class PublishedKeys: @unchecked Sendable {
    /// In milliseconds.
    private static let (freshFor, usableFor): (Int64, Int64) = (3_600_000, 86_400_000)
    /// How long after the end of a fetch the next one may begin, in milliseconds. Each may take seconds, for which a
    /// request waits.
    private enum Pause {
        static let withoutKeys: Int64 = 1000
        static let forUnknownKey: Int64 = 10_000
        /// While stale keys are in use, because the issuer is down.
        static let forFreshKeys: Int64 = 300_000
    }

    private let fetcher: KeySetFetcher
    private let timers: any Timers
    private let logger: Logger
    private let now: @Sendable () -> Int64

    private var keys: (set: KeySet, fetched: Int64)?
    private var lastFetch: (ended: Int64, failure: IssuerFailure?)?
    /// How many fetches have ended with keys or a failure.
    private var count = 0
    private var isFetching = false
    private var waiting: [WaitingRequest] = []

    /// - Parameter now: the time in milliseconds since 1970.
    init(_ fetcher: KeySetFetcher, _ timers: any Timers, _ logger: Logger, now: @escaping @Sendable () -> Int64) {
        self.fetcher = fetcher
        self.timers = timers
        self.logger = logger
        self.now = now
    }

    /// The keys, fetched if necessary.
    func current(for request: TimedRequest) async throws(IssuerFailure) -> KeySet {
        if let set = keys(youngerThan: Self.freshFor) { return set }
        let stale = keys(youngerThan: Self.usableFor)
        // Others needn't wait for the fetch of one.
        if let stale, isFetching { return stale }
        await fetch(for: request, pausing: stale == nil ? Pause.withoutKeys : Pause.forFreshKeys)
        if let set = keys(youngerThan: Self.usableFor) { return set }
        throw lastFetch?.failure ?? .outOfTime
    }

    /// The keys after another fetch, because a token names a key that isn't among them.
    /// - Returns: nil if it is too early for another fetch.
    func newer(for request: TimedRequest) async throws(IssuerFailure) -> KeySet? {
        let seen = count
        await fetch(for: request, pausing: Pause.forUnknownKey)
        // The token may be right, and its key new.
        if let failure = lastFetch?.failure { throw failure }
        guard request.hasTime(at: now()) else { throw .outOfTime }
        return count > seen ? keys?.set : nil
    }

    private func keys(youngerThan age: Int64) -> KeySet? {
        guard let keys, (-Self.freshFor..<age).contains(now() - keys.fetched) else { return nil }
        return keys.set
    }

    /// Whoever comes while a fetch is under way waits for its result.
    private func fetch(for request: TimedRequest, pausing pause: Int64) async {
        let seen = count
        while count == seen, request.hasTime(at: now()) {
            if isFetching {
                await wait(request)
            } else if let lastFetch, (0..<pause).contains(now() - lastFetch.ended) {
                // A clock that was set back doesn't lengthen the pause.
                return
            } else {
                await fetch(for: request)
            }
        }
    }

    private func fetch(for request: TimedRequest) async {
        isFetching = true
        let began = now()
        do throws(IssuerFailure) {
            keys = (try await fetcher.fetch(for: request), began)
            end((now(), nil))
        } catch .outOfTime {
            // That says nothing about the issuer: one of those who wait tries again.
            end(nil)
        } catch {
            logger.warning(
                "the keys of a token issuer can't be fetched",
                metadata: ["issuer": "\(fetcher.issuer)", "error": "\(error.detail)"])
            end((now(), error))
        }
    }

    private func end(_ result: (ended: Int64, failure: IssuerFailure?)?) {
        isFetching = false
        if let result {
            lastFetch = result
            count += 1
        }
        let waiting = waiting
        self.waiting = []
        for request in waiting { request.wake() }
    }

    /// Waits until the present fetch has ended, or the request's time.
    private func wait(_ request: TimedRequest) async {
        var timer: TimerID?
        await withCheckedContinuation { continuation in
            guard isFetching, request.cancellation.reason == nil else { return continuation.resume() }
            let waiter = WaitingRequest(continuation)
            waiting.append(waiter)
            timer = request.timeLeft(at: now()).map { left in timers.schedule(after: left) { waiter.wake() } }
            request.cancellation.end = { _ in waiter.wake() }
        }
        if let timer { timers.cancel(timer) }
        request.cancellation.end = nil
    }
}

/// A request that waits for another one's fetch.
///
/// `@unchecked Sendable`: used on the loop only.
private final class WaitingRequest: @unchecked Sendable {
    private var continuation: CheckedContinuation<Void, Never>?

    init(_ continuation: CheckedContinuation<Void, Never>) { self.continuation = continuation }

    func wake() {
        continuation?.resume()
        continuation = nil
    }
}
