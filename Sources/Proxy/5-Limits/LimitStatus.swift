import Calendar
import JSONBytes
import Transport

/// How much of one of a caller's limits has been used.
struct LimitStatus {
    let scope: Scope
    let limit: QuotaExceeded.Limit
    /// Nil if the store couldn't be asked.
    let used: Int?
    /// When the period ends, in seconds since 1970; nil for open requests.
    let resets: Int64?
}

extension Limits {
    /// The limits of a caller at these servers, with what has been used, as far as this process knows, up to a second
    /// ago. Asks the store once for each counter. What all users of an issuer have used together is left out, since users
    /// are strangers to each other.
    func status(of caller: Caller, at servers: [Server], for request: TimedRequest) async -> [LimitStatus] {
        guard let holder = caller.limits.first?.holder else { return [] }
        if let known = recentStatus.status(of: holder, at: store.now()) { return known }
        let status = await readStatus(of: caller, at: servers, for: request)
        recentStatus.note(status, of: holder, at: store.now())
        return status
    }

    private func readStatus(
        of caller: Caller, at servers: [Server], for request: TimedRequest
    ) async -> [LimitStatus] {
        let own = caller.limits.filter { if case .issuer = $0.holder { false } else { true } }
        let quotaSets = own.flatMap { holder, limits in
            [(Scope.caller(holder), limits.quotaSet)]
                + servers.compactMap { server in
                    limits.serverQuotaSets[server.name].map { (.caller(holder, server: server.name), $0) }
                }
        }
        let now = store.now() / 1000
        let reservation = QuotaReservation(requestID: "", deadline: nil)
        let checks = quotaSets.flatMap { scope, quotaSet in quotaSet.checks(for: scope, reservation, at: now) }
        return await inParallel(checks) { await status($0, for: request) }.flatMap { $0 }
    }

    private func status(_ check: QuotaCheck, for request: TimedRequest) async -> [LimitStatus] {
        switch check {
        case .lease(let lease, let scope):
            let used = try? await read { () async throws(StoreError) in
                try await store.openLeases(of: scope.text, for: request)
            }
            return [LimitStatus(scope: scope, limit: .parallel(lease.quota), used: used, resets: nil)]
        case .counter(let counter, let scope, let quotas):
            var used = try? await read { () async throws(StoreError) in
                try await store.usage(of: counter, for: request)
            }
            used?.requests -= prefetched.left(of: counter)
            return quotas.map { quota in
                // What was read may be older than what was taken ahead.
                let used = used.map { max(0, $0[quota.measure]) }
                return LimitStatus(scope: scope, limit: .quota(quota), used: used, resets: counter.end)
            }
        }
    }
}

/// What callers were told last, so that asking often doesn't ask the store often.
///
/// `@unchecked Sendable`: used on the loop only.
final class RecentStatus: @unchecked Sendable {
    /// In milliseconds.
    private static let keptFor: Int64 = 1000

    private var all = RecentEntries<LimitHolder, (status: [LimitStatus], read: Int64)>(most: 200)

    /// - Parameter now: in milliseconds since 1970.
    func status(of holder: LimitHolder, at now: Int64) -> [LimitStatus]? {
        guard let known = all[holder], (0..<Self.keptFor).contains(now - known.read) else { return nil }
        return known.status
    }

    /// Forgets what a caller was told, because it has used more since.
    func forget(_ caller: Caller) {
        if let holder = caller.limits.first?.holder { all[holder] = nil }
    }

    func note(_ status: [LimitStatus], of holder: LimitHolder, at now: Int64) { all[holder] = (status, now) }
}

extension LimitStatus {
    var json: JSONValue {
        guard case .caller(let holder, let server) = scope else { return .null }
        var members: [(key: String, value: JSONValue)] = [("scope", .string(holder.kind))]
        if let server { members.append(("server", .string(server))) }
        switch limit {
        case .parallel(let amount): members += Self.members("max_parallel_requests", amount, used) { .integer($0) }
        case .quota(let quota):
            let number = { quota.measure == .cost ? Self.dollars($0) : .integer($0) }
            members += Self.members(quota.key, quota.amount, used, number)
        }
        if let resets { members.append(("resets_at", .string(Timestamp.timestamp(resets * 1000)))) }
        return .object(members)
    }

    private static func members(
        _ name: String, _ amount: Int, _ used: Int?, _ number: (Int) -> JSONValue
    ) -> [(key: String, value: JSONValue)] {
        [
            ("limit", .string(name)), ("amount", number(amount)), ("used", used.map(number) ?? .null),
            ("remaining", used.map { number(max(0, amount - $0)) } ?? .null),
        ]
    }

    private static func dollars(_ billionths: Int) -> JSONValue {
        .raw(Array((Double(billionths) / 1e9).description.utf8)[...])
    }
}
