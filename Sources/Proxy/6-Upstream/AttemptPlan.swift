import Transport

/// Decides which URL is tried next, and when.
///
/// Each server gets `1 + retries` tries, which rotate through its URLs in order. Then the next server follows, and the
/// first isn't asked again. A URL that hasn't failed yet is tried at once. If all have failed, the plan takes the one
/// that may be tried soonest.
///
///     start ──▶ next ──▶ next ──▶ … ──▶ giveUp
struct AttemptPlan {
    /// One URL of one server, both as indices.
    struct Candidate: Equatable {
        let server: Int
        let url: Int
    }

    enum Action: Equatable {
        /// - Parameter wait: in milliseconds; 0 for at once.
        case send(Candidate, wait: Int)
        /// The last failure is final.
        case giveUp
    }

    /// The longest wait before a retry, since Lambda bills the time. In milliseconds.
    static let longestWait = 10_000

    private let servers: [AttemptRules]
    /// When the caller must get a response, in milliseconds since 1970.
    private let deadline: Int64?
    private var visit: Visit

    /// - Parameter servers: at least one.
    init(_ servers: [AttemptRules], until deadline: Int64?, at now: Int64) {
        self.servers = servers
        self.deadline = deadline
        visit = Visit(server: 0, servers[0], at: now)
    }

    /// The first URL to try.
    mutating func start() -> Candidate { visit.send(at: 0) }

    /// How much time the current server has.
    func timeLeft(at now: Int64) -> RemainingTime {
        RemainingTime(
            server: servers[visit.server].total.map { $0 - Int(now - visit.started) },
            invocation: deadline.map { Int($0 - now) })
    }

    /// - Parameter random: a number from 0 up to, but not including, 1.
    mutating func next(after failure: FailedAttempt, at now: Int64, random: Double) -> Action {
        guard failure.remedy != .nothing else { return .giveUp }
        return sameServer(after: failure, at: now, random) ?? nextServer(at: now) ?? .giveUp
    }

    private mutating func sameServer(after failure: FailedAttempt, at now: Int64, _ random: Double) -> Action? {
        visit.note(failure, at: now)
        let rules = servers[visit.server]
        // A request that no server has received may be sent once more, even if the table allows no retries.
        let tries = max(1 + rules.retries, failure.wasUnused ? 2 : 1)
        guard failure.remedy.rawValue >= FailedAttempt.Remedy.otherURL.rawValue, visit.tries < tries else { return nil }
        let backoff = Backoff.milliseconds(after: visit.tries, random)
        guard let (position, wait) = visit.soonest(at: now, backoff: backoff), wait <= Self.longestWait,
            timeLeft(at: now).isWorthwhile(after: wait)
        else { return nil }
        return .send(visit.send(at: position), wait: wait)
    }

    private mutating func nextServer(at now: Int64) -> Action? {
        let next = visit.server + 1
        guard next < servers.count, RemainingTime(invocation: timeLeft(at: now).invocation).isWorthwhile() else {
            return nil
        }
        visit = Visit(server: next, servers[next], at: now)
        return .send(visit.send(at: 0), wait: 0)
    }
}

extension AttemptPlan {
    /// The tries at one server so far.
    struct Visit {
        private struct Place {
            let url: Int
            var hasFailed = false
            /// Whether it isn't tried again.
            var isClosed = false
            var notBefore: Int64 = 0
        }

        let server: Int
        let started: Int64
        private(set) var tries = 0
        /// In the order in which they are tried.
        private var places: [Place]
        private var current = 0

        init(server: Int, _ rules: AttemptRules, at now: Int64) {
            self.server = server
            started = now
            places = rules.urls.map { Place(url: $0) }
        }

        mutating func send(at position: Int) -> Candidate {
            current = position
            tries += 1
            return Candidate(server: server, url: places[position].url)
        }

        /// The last try has failed.
        mutating func note(_ failure: FailedAttempt, at now: Int64) {
            places[current].hasFailed = true
            places[current].isClosed = failure.remedy != .sameURL
            places[current].notBefore = now + Int64(failure.delay ?? 0)
        }

        /// The place that may be tried soonest, and after how many milliseconds. Among equals, the next one in
        /// rotation. Nil if none is tried again.
        func soonest(at now: Int64, backoff: Int) -> (position: Int, wait: Int)? {
            (1...places.count).map { (current + $0) % places.count }
                .filter { !places[$0].isClosed }
                .map { ($0, wait(for: places[$0], at: now, backoff)) }
                .min { $0.1 < $1.1 }
        }

        private func wait(for place: Place, at now: Int64, _ backoff: Int) -> Int {
            place.hasFailed ? max(backoff, Int(place.notBefore - now)) : 0
        }
    }
}

/// How often and for how long a server may be asked, and at which URLs.
struct AttemptRules {
    /// Indices of the server's URLs, in the order in which they are tried; at least one.
    let urls: [Int]
    let retries: Int
    /// The limit of all tries and waits together, in milliseconds.
    let total: Int?
}

extension AttemptRules {
    init(_ server: Server, _ random: () -> Double) {
        urls = WeightedOrder.draw(server.urls.map(\.weight), random)
        retries = server.retries
        total = server.limits.total
    }
}

/// How much time is left to ask a server, in milliseconds: of the server's own limit, and until the caller must get a
/// response. Nil means no limit.
struct RemainingTime: Equatable {
    var server: Int?
    var invocation: Int?

    /// No server answers in less time. In milliseconds.
    private static let worthwhile = 100

    var nearest: Int? {
        guard let server, let invocation else { return server ?? invocation }
        return min(server, invocation)
    }

    /// Whether the invocation ends before the server's time is up.
    var isInvocationNearer: Bool { invocation.map { $0 < server ?? .max } ?? false }

    func isWorthwhile(after wait: Int = 0) -> Bool { nearest.map { $0 - wait >= Self.worthwhile } ?? true }

    /// The limits of a request that begins now.
    func cut(_ limits: TimeLimits) -> TimeLimits {
        guard let nearest else { return limits }
        var limits = limits
        limits.connect = min(limits.connect, nearest)
        limits.firstByte = limits.firstByte.map { min($0, nearest) }
        limits.idle = limits.idle.map { min($0, nearest) }
        limits.total = nearest
        return limits
    }

    /// Whether a request that began with this much time took too long only because the invocation ends.
    /// - Parameter limits: the result of `cut`.
    func explains(_ error: TransportError, within limits: TimeLimits) -> Bool {
        guard isInvocationNearer else { return false }
        switch error.kind {
        case .timeout: return true
        case .connectTimeout: return limits.connect == invocation
        case .firstByteTimeout: return limits.firstByte == invocation
        case .idleTimeout: return limits.idle == invocation
        default: return false
        }
    }
}
