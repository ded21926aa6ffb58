/// Decides who is asked next, and when.
///
/// Each server gets `1 + retries` tries, which go round its URLs in the order given; then it is the next server's turn,
/// and never again its own. A URL that hasn't failed yet is asked at once; else the one that may be asked first.
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
        /// The last failure is the answer.
        case giveUp
    }

    /// Longer than it no wait is begun, as Lambda bills the waiting. In milliseconds.
    static let longestWait = 10_000

    private let servers: [AttemptRules]
    /// When the caller must be told, in milliseconds.
    private let deadline: Int64?
    private var visit: Visit

    /// - Parameter servers: at least one.
    init(_ servers: [AttemptRules], until deadline: Int64?, at now: Int64) {
        self.servers = servers
        self.deadline = deadline
        visit = Visit(server: 0, servers[0], at: now)
    }

    /// The very first to be asked.
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
        // A request that nobody has seen may be sent once more, whatever the table says.
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
