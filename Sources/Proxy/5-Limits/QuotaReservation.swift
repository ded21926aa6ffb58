import Transport

/// What was counted for one request in advance. It is settled when the request ends.
///
/// `@unchecked Sendable`: used on the loop only.
final class QuotaReservation: @unchecked Sendable {
    /// An update of the store when the request has ended.
    enum Settlement: Sendable {
        case usage(Usage, Counter)
        case lease(Lease)
    }

    let requestID: String
    /// How long the request waits for the store; nil for no limit.
    let request: TimedRequest?
    /// Set once the caller is known.
    var caller = Caller.anonymous
    /// Why the store failed; nil if it didn't.
    var storeFailure: String?
    /// What the response tells the caller about its quotas.
    var fields = RateLimitFields()

    /// When the invocation ends, in seconds since 1970.
    private let deadline: Int64?
    /// The servers whose quotas have been asked, and those at which the caller's have.
    private var (servers, callerServers): (Set<String>, Set<String>) = ([], [])
    /// Whether the caller's quotas for all servers have been asked.
    private(set) var isCallerCounted = false
    /// Whether the response came from the cache, so that the request counts although no server was asked.
    var isFromCache = false
    /// The counters whose request is given back if no server is asked at all.
    private var counted: [Counter] = []
    /// Those that are also given back if no model has worked.
    private var countedForWork: [(counter: Counter, scope: Scope)] = []
    /// The servers at which a model may have worked.
    private var workedAt: Set<String> = []
    /// The server whose stream has begun, and the meter that tells whether it was only a refusal.
    private var stream: (server: String, meter: Meter)?
    /// The counters of servers that weren't asked after all.
    private var countedInVain: [Counter] = []
    private var leases: [(lease: Lease, scope: Scope)] = []
    /// What the request had no time to wait for.
    private var unsettled: [Settlement] = []
    /// Where tokens and costs are counted.
    private var spending: [(scope: Scope, period: Period)] = []

    init(requestID: String, deadline: Int64?, _ request: TimedRequest? = nil) {
        self.requestID = requestID
        self.request = request
        self.deadline = deadline.map { $0 / 1000 }
    }

    /// Lambda ends an invocation after 15 minutes at the latest.
    func end(from now: Int64) -> Int64 { min(deadline ?? .max, now + 900) }

    /// The quotas that apply to the request at a server, each of them once. Those of the caller for all servers come
    /// with the first one.
    /// - Parameter asksServer: whether the server's own quotas apply, since it is asked.
    func quotaSets(along route: Route, asksServer: Bool) -> [(scope: Scope, quotaSet: QuotaSet)] {
        let server = route.server
        guard !server.quotaSet.isUnlimited || caller.isLimited else { return [] }
        var all: [(scope: Scope, quotaSet: QuotaSet)] = []
        if asksServer, servers.insert(server.name).inserted { all.append((.server(server.name), server.quotaSet)) }
        let isFirst = !isCallerCounted
        let isFirstHere = callerServers.insert(server.name).inserted
        for (holder, limits) in caller.limits {
            if isFirst { all.append((.caller(holder), limits.quotaSet)) }
            if isFirstHere, let quotaSet = limits.serverQuotaSets[server.name] {
                all.append((.caller(holder, server: server.name), quotaSet))
            }
        }
        isCallerCounted = true
        return all.map { ($0.scope, $0.quotaSet.holding(for: route.operation)) }
            .filter { !$0.quotaSet.isUnlimited }
    }

    /// Notes that a model of a server may have worked on the request: see `ModelWork`.
    func hasWork(at server: Server) {
        if !countedForWork.isEmpty { workedAt.insert(server.name) }
    }

    /// The same for a stream that has begun: its first event may still say that the request was refused.
    func hasWork(at server: Server, unlessRefusedIn meter: Meter) { stream = (server.name, meter) }

    /// - Parameter isRefused: whether the server isn't asked.
    func note(_ checked: [CheckedQuota], isRefused: Bool) {
        for (check, result) in checked where !result.isRefused {
            switch check {
            case .lease(let lease, let scope): leases.append((lease, scope))
            case .counter(let counter, let scope, let quotas):
                let isCounted = if case .success(.granted) = result { true } else { false }
                if isCounted, isRefused, scope.server != nil {
                    countedInVain.append(counter)
                } else if isCounted {
                    counted.append(counter)
                    let isForWork = counter.period != .minute && quotas.contains { $0.measure == .requests }
                    if isForWork { countedForWork.append((counter, scope)) }
                }
                if quotas.contains(where: { $0.measure != .requests }) { spending.append((scope, counter.period)) }
            }
        }
    }

    /// Leases to close because another server is asked.
    func left(for server: Server) -> [Settlement] {
        guard !leases.isEmpty else { return [] }
        let isLeft = { (scope: Scope) in scope.server != nil && scope.server != server.name }
        defer { leases.removeAll { isLeft($0.scope) } }
        return leases.filter { isLeft($0.scope) }.map { .lease($0.lease) }
    }

    func settlesLater(_ settlements: [Settlement]) { unsettled += settlements }

    /// - Parameters:
    ///   - server: the one that was asked last; nil if none was.
    ///   - now: in seconds since 1970. Usage is counted in the period in which it becomes known.
    func settlements(server: String?, _ used: Usage, at now: Int64) -> [Settlement] {
        let inVain = countedInVain + (isFromCache ? [] : server == nil ? counted : countedWithoutWork)
        var settlements =
            unsettled + inVain.map { .usage(Usage(requests: -1), $0) } + leases.map { .lease($0.lease) }
        guard used != Usage() else { return settlements }
        for (scope, period) in spending where scope.server == nil || scope.server == server {
            settlements.append(.usage(used, Counter(scope.text, period, start: period.start(at: now))))
        }
        return settlements
    }

    /// In a scope for all servers, work at any of them counts.
    private var countedWithoutWork: [Counter] {
        guard !countedForWork.isEmpty else { return [] }
        var workedAt = workedAt
        if let stream, stream.meter.workInError != .refused { workedAt.insert(stream.server) }
        return countedForWork.compactMap { counter, scope in
            let hasWorked = scope.server.map { workedAt.contains($0) } ?? !workedAt.isEmpty
            return hasWorked ? nil : counter
        }
    }
}

/// What has to be counted before a request may pass.
enum QuotaCheck: Sendable {
    case counter(Counter, Scope, [Quota])
    case lease(Lease, Scope)

    var scope: Scope {
        switch self {
        case .counter(_, let scope, _), .lease(_, let scope): scope
        }
    }
}

/// The store's result of a check.
package enum QuotaCheckResult: Sendable, Equatable {
    /// Counted. With the counter's usage, including this request.
    case granted(Usage)
    /// Not counted. With the counter's usage.
    case refused(Usage)

    var isRefused: Bool { if case .refused = self { true } else { false } }

    var used: Usage {
        switch self {
        case .granted(let usage), .refused(let usage): usage
        }
    }
}

/// A check with its result, or with the store's error.
typealias CheckedQuota = (check: QuotaCheck, result: Result<QuotaCheckResult, StoreError>)

extension Result<QuotaCheckResult, StoreError> {
    var isRefused: Bool { (try? get())?.isRefused ?? false }

    /// Nil if the store has failed.
    var used: Usage? { (try? get())?.used }

    var error: StoreError? { if case .failure(let error) = self { error } else { nil } }
}

extension QuotaSet {
    /// The quotas that apply to an operation. Lists of models, which clients request at each start, are limited only in
    /// requests per minute and in parallel requests.
    func holding(for operation: Operation) -> QuotaSet {
        switch operation {
        case .models, .model: break
        default: return self
        }
        var quotaSet = self
        quotaSet.quotas.removeAll { $0.measure != .requests || $0.period != .minute }
        return quotaSet
    }

    /// - Parameter now: in seconds since 1970.
    func checks(for scope: Scope, _ reservation: QuotaReservation, at now: Int64) -> [QuotaCheck] {
        var checks: [QuotaCheck] = Period.allCases.compactMap { period in
            let quotas = quotas.filter { $0.period == period }
            guard !quotas.isEmpty else { return nil }
            return .counter(Counter(scope.text, period, start: period.start(at: now)), scope, quotas)
        }
        if let parallel {
            let lease = Lease(
                scope.text, id: reservation.requestID, quota: parallel, expires: reservation.end(from: now))
            checks.append(.lease(lease, scope))
        }
        return checks
    }
}

/// What a counter belongs to.
enum Scope: Hashable {
    /// All requests to a server.
    case server(String)
    /// A caller's requests, to one server or to all of them.
    case caller(LimitHolder, server: String? = nil)

    /// The key in the store. No two scopes share a text: the names of servers and the IDs of users have no slashes.
    var text: String {
        switch self {
        case .server(let server): "server/\(server)"
        case .caller(let holder, nil): "\(holder.kind)/\(holder.text)"
        case .caller(let holder, let server?): "\(holder.kind)-at/\(server)/\(holder.text)"
        }
    }

    /// The server that it covers; nil for all servers together.
    var server: String? {
        switch self {
        case .server(let server): server
        case .caller(_, let server): server
        }
    }

    /// Whether a text is that of a user's scope.
    static func isOfUser(_ text: String) -> Bool {
        text.utf8.starts(with: "user/".utf8) || text.utf8.starts(with: "user-at/".utf8)
    }

    /// Whether a caller is limited, at one server or at all of them.
    var isOfCaller: Bool { if case .server = self { false } else { true } }

    /// For people.
    var words: String {
        switch self {
        case .server(let server): "the server '\(server)' for all its callers"
        case .caller(let holder, nil): holder.words
        case .caller(let holder, let server?): "\(holder.words) at the server '\(server)'"
        }
    }
}

extension LimitHolder {
    /// For callers and for the store's keys.
    var kind: String {
        switch self {
        case .key: "key"
        case .issuer: "issuer"
        case .user: "user"
        case .invokers: "direct"
        }
    }

    fileprivate var text: String {
        switch self {
        case .key(let id), .issuer(let id): id
        case .user(let id, let issuer): "\(issuer)/\(id)"
        case .invokers: "invocations"
        }
    }

    fileprivate var words: String {
        switch self {
        case .key(let id): "the key '\(id)'"
        case .issuer(let name): "all users of '\(name)' together"
        case .user: "this user"
        case .invokers: "all direct invocations together"
        }
    }
}
