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
    /// Set once the caller is known.
    var caller = Caller.anonymous
    /// Why the store failed; nil if it didn't.
    var storeFailure: String?
    /// What the response tells the caller about its quotas.
    var fields = RateLimitFields()

    /// When the invocation ends, in seconds since 1970.
    private let deadline: Int64?
    private var servers: Set<String> = []
    /// Counters of requests that are given back if no server is asked at all.
    private var counted: [Counter] = []
    /// Those that are also given back if no model has worked.
    private var countedForWork: [(counter: Counter, scope: Scope)] = []
    /// The servers at which a model may have worked.
    private var workedAt: Set<String> = []
    /// The server whose stream has begun, and the meter that tells whether it was only a refusal.
    private var stream: (server: String, meter: Meter)?
    /// Counters of a server that wasn't asked after all.
    private var countedInVain: [Counter] = []
    private var leases: [(lease: Lease, scope: Scope)] = []
    /// Where tokens and costs are counted.
    private var spending: [(scope: Scope, period: Period)] = []

    init(requestID: String, deadline: Int64?) {
        self.requestID = requestID
        self.deadline = deadline.map { $0 / 1000 }
    }

    /// Lambda ends an invocation after 15 minutes at the latest.
    func end(from now: Int64) -> Int64 { min(deadline ?? .max, now + 900) }

    /// The quotas that apply to the request at a server; at the first one including those of the key.
    func quotaSets(along route: Route) -> [(scope: Scope, quotaSet: QuotaSet)] {
        let server = route.server
        guard !server.quotaSet.isUnlimited || caller.isLimited else { return [] }
        let isFirst = servers.isEmpty
        guard servers.insert(server.name).inserted else { return [] }
        var all = [(scope: Scope.server(server.name), quotaSet: server.quotaSet)]
        if let key = caller.key {
            if isFirst { all.append((.key(key.id), key.quotaSet)) }
            let quotaSet = key.serverQuotaSets[server.name] ?? QuotaSet()
            all.append((.keyAtServer(key: key.id, server: server.name), quotaSet))
        }
        return all.map { ($0.scope, $0.quotaSet.holding(for: route.operation)) }
            .filter { !$0.quotaSet.isUnlimited }
    }

    /// A model of a server may have worked on the request: see `ModelWork`.
    func hasWork(at server: Server) {
        if !countedForWork.isEmpty { workedAt.insert(server.name) }
    }

    /// The same of a stream that has begun: its first event may still say that the request was refused.
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

    /// - Parameters:
    ///   - server: that was asked last; nil if none was.
    ///   - now: in seconds since 1970. What is used is counted in the period in which it is known.
    func settlements(server: String?, _ used: Usage, at now: Int64) -> [Settlement] {
        let inVain = countedInVain + (server == nil ? counted : countedWithoutWork)
        var settlements = inVain.map { Settlement.usage(Usage(requests: -1), $0) } + leases.map { .lease($0.lease) }
        guard used != Usage() else { return settlements }
        for (scope, period) in spending where scope.server == nil || scope.server == server {
            settlements.append(.usage(used, Counter(scope.text, period, start: period.start(at: now))))
        }
        return settlements
    }

    /// In a scope of all servers, work at any of them counts.
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
