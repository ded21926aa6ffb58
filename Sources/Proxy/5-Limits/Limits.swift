import Logging
import Transport

/// Enforces the quotas of keys and servers each time before a server is asked.
///
/// Everything that must be counted before a server is asked is counted in parallel, so it takes one round trip to the
/// store. What is known only afterwards is counted once the caller has the response.
struct Limits {
    let store: any LimitStore
    private let logger: Logger
    private let allowsWithoutStore: Bool
    private let deferred = DeferredUsage()
    let prefetched = PrefetchedPermits()
    let recentStatus = RecentStatus()
    private let breaker = StoreCircuitBreaker()

    init(_ settings: Settings, _ store: any LimitStore, _ logger: Logger) {
        self.store = store
        self.logger = logger
        allowsWithoutStore = settings.allowsWithoutStore
    }

    /// Counts a request that is about to be sent to a server, once for each server. Closes its leases at other servers.
    /// - Parameter asksServer: false if the cache has the response. Then only the caller's quotas are asked.
    func admit(
        _ reservation: QuotaReservation, along route: Route, asksServer: Bool = true
    ) async throws(ProxyError) {
        let left = reservation.left(for: route.server)
        let quotaSets = reservation.quotaSets(along: route, asksServer: asksServer)
        guard !left.isEmpty || !quotaSets.isEmpty else { return }
        async let leaving = pay(left, for: reservation.request)
        let error = await refusal(quotaSets, reservation, at: route.server)
        let failures = await leaving
        if let failure = failures.first { note(failure.error, reservation, "what has ended there counts as open") }
        reservation.settlesLater(failures.filter { $0.error == .outOfTime }.map(\.settlement))
        if let error { throw error }
    }

    private func refusal(
        _ quotaSets: [(scope: Scope, quotaSet: QuotaSet)], _ reservation: QuotaReservation, at server: Server
    ) async -> ProxyError? {
        let now = store.now()
        let checks = quotaSets.flatMap { $0.quotaSet.checks(for: $0.scope, reservation, at: now / 1000) }
        let checked = await check(checks, for: reservation.request)
        let isCut = checked.contains { $0.result.error == .outOfTime }
        let end = isCut ? ProxyError.outOfTime(reservation.request, server: server.name) : nil
        let refusal = end ?? refusal(checked, reservation, at: now)
        reservation.note(checked, isRefused: refusal != nil)
        if let error = checked.lazy.compactMap(\.result.error).first {
            note(error, reservation, end == nil ? consequence(refusal) : "a request is given up")
        }
        return refusal
    }

    private func consequence(_ refusal: ProxyError?) -> String {
        guard !allowsWithoutStore else { return "requests pass uncounted" }
        return if case .limitsUnavailable = refusal { "requests are refused" } else { "nothing passes uncounted" }
    }

    /// A quota of the caller, or a failure to count for it, refuses the request at every server. So it takes precedence
    /// over a server's own quota, after which a fallback may be asked.
    private func refusal(_ checked: [CheckedQuota], _ reservation: QuotaReservation, at now: Int64) -> ProxyError? {
        var fields = reservation.fields
        fields.note(checked, at: now)
        let exceeded = QuotaExceeded(checked, fields, at: now)
        let isDenied =
            !allowsWithoutStore
            && checked.contains { $0.result.error != nil && (exceeded == nil || $0.check.scope.isOfCaller) }
        if let exceeded, !isDenied || exceeded.scope.server == nil {
            // If another server answers, this server's quotas say nothing about what remains.
            reservation.fields.note(checked.filter { $0.check.scope.server == nil }, at: now)
            return .quotaExceeded(exceeded)
        }
        reservation.fields = fields
        return isDenied ? .limitsUnavailable : nil
    }

    /// Counts what the request has used, and gives back what it didn't need.
    /// - Parameter server: the server whose counters are charged; nil if none was asked.
    /// - Returns: nil if everything was counted.
    func settle(
        _ reservation: QuotaReservation, server: String?, _ used: Usage
    ) async -> UncountedUsage? {
        defer { if reservation.isCallerCounted { recentStatus.forget(reservation.caller) } }
        let settlements = reservation.settlements(server: server, used, at: store.now() / 1000)
        guard !settlements.isEmpty else { return nil }
        let failures = await pay(settlements)
        guard let error = failures.first?.error else { return nil }
        let isOwed = failures.contains { if case .usage(used, _) = $0.settlement { true } else { false } }
        return UncountedUsage(error: error, owed: isOwed ? used : Usage())
    }

    /// - Parameter request: waits for it; nil if the request has ended.
    /// - Returns: the settlements that failed.
    private func pay(_ settlements: [QuotaReservation.Settlement], for request: TimedRequest? = nil) async -> [(
        settlement: QuotaReservation.Settlement, error: StoreError
    )] {
        guard !settlements.isEmpty else { return [] }
        let errors = await inParallel(settlements) { await pay($0, for: request) }
        return zip(settlements, errors).compactMap { settlement, error in error.map { (settlement, $0) } }
    }

    /// Logs the first failure of each request.
    private func note(_ error: StoreError, _ reservation: QuotaReservation, _ consequence: String) {
        guard reservation.storeFailure == nil else { return }
        reservation.storeFailure = error.detail
        logger.warning(
            "the store of the limits has failed: \(consequence)",
            metadata: ["request": "\(reservation.requestID)", "error": "\(error.detail)"])
    }
}

/// What a request has used and the store couldn't count.
struct UncountedUsage {
    let error: StoreError
    /// The tokens and costs that the next call for their counters adds.
    let owed: Usage
}

// MARK: - Asking the store

extension Limits {
    /// If a quota is known to be used up, the store isn't asked for what would only be given back.
    ///
    /// If only a server's quota is used up, the caller's quotas for all servers are still checked, since a fallback may
    /// follow. If requests may not pass uncounted, the caller's quotas at that server are checked too: the result must
    /// not depend on what this process happens to know.
    private func check(_ checks: [QuotaCheck], for request: TimedRequest?) async -> [CheckedQuota] {
        // Without a suspension between them: after one there may be room again, and the rest wouldn't be counted.
        let usedUp: [CheckedQuota] = checks.compactMap { check in
            prefetched.refusal(of: check).map { (check, .success($0)) }
        }
        var asked = checks
        if !usedUp.isEmpty {
            let isOfCaller = usedUp.contains { $0.check.scope.server == nil }
            asked =
                isOfCaller
                ? [] : checks.filter { allowsWithoutStore ? $0.scope.server == nil : $0.scope.isOfCaller }
        }
        let results = await inParallel(asked) { await check($0, for: request) }
        return usedUp + zip(asked, results).map { ($0, $1) }
    }

    private func check(
        _ check: QuotaCheck, for request: TimedRequest?
    ) async -> Result<QuotaCheckResult, StoreError> {
        do throws(StoreError) {
            switch check {
            case .lease(let lease, _):
                let isOpen = try await ask { () async throws(StoreError) in try await store.enter(lease, for: request) }
                return .success(isOpen ? .granted(Usage()) : .refused(Usage()))
            case .counter(let counter, _, let quotas):
                if let result = prefetched.result(counter, quotas) { return .success(result) }
                try await add(Usage(), to: counter, for: request)
                let count = prefetched.batch(of: counter, quotas)
                let permits = PermitRequest(counter, requests: count, quotas: Usage(most: quotas))
                let result = try await ask { () async throws(StoreError) in try await store.take(permits, for: request)
                }
                return .success(prefetched.note(result, permits))
            }
        } catch {
            return .failure(error)
        }
    }

    private func pay(_ settlement: QuotaReservation.Settlement, for request: TimedRequest?) async -> StoreError? {
        do throws(StoreError) {
            switch settlement {
            case .usage(let usage, let counter):
                // Even if the call fails: it is then unknown whether there is room, so the next request asks the store.
                defer { if usage.requests < 0 { prefetched.hasRoom(counter) } }
                try await add(usage, to: counter, for: request)
            case .lease(let lease):
                try await ask { () async throws(StoreError) in try await leave(lease, for: request) }
            }
            return nil
        } catch {
            return error
        }
    }

    /// Adds usage, together with usage that couldn't be added before. Usage that is given back isn't deferred if the
    /// call fails: the store may have counted it although its response was lost, and giving it back twice would raise
    /// the limit.
    private func add(_ usage: Usage, to counter: Counter, for request: TimedRequest?) async throws(StoreError) {
        var owed = deferred.take(counter)
        owed += usage
        guard owed != Usage() else { return }
        do throws(StoreError) {
            try await ask { [owed] () async throws(StoreError) in
                try await store.add(owed, to: counter, for: request)
            }
        } catch {
            deferred.note(owed.added, to: counter, at: store.now() / 1000)
            throw error
        }
    }

    /// Tries twice, which does no harm: a lease that stays open could block the next request for minutes.
    private func leave(_ lease: Lease, for request: TimedRequest?) async throws(StoreError) {
        do throws(StoreError) {
            try await store.leave(lease, for: request)
        } catch {
            guard !error.isSilent else { throw error }
            try await store.leave(lease, for: request)
        }
    }

    /// Asks what no request waits for, so a failure says nothing about those that do.
    func read<Reply>(_ question: () async throws(StoreError) -> Reply) async throws(StoreError) -> Reply {
        if let error = breaker.error(at: store.now()) { throw error }
        return try await question()
    }

    private func ask<Reply>(_ question: () async throws(StoreError) -> Reply) async throws(StoreError) -> Reply {
        if let error = breaker.error(at: store.now()) { throw error }
        do throws(StoreError) {
            return try await question()
        } catch {
            breaker.note(error, at: store.now())
            throw error
        }
    }

    /// Results come in the order of the elements.
    func inParallel<Element: Sendable, Output: Sendable>(
        _ elements: [Element], _ work: @escaping @Sendable (Element) async -> Output
    ) async -> [Output] {
        if elements.count == 1 { return [await work(elements[0])] }
        return await withTaskGroup(of: (index: Int, output: Output).self) { group in
            for (index, element) in elements.enumerated() { group.addTask { (index, await work(element)) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.index < $1.index }.map(\.output)
        }
    }
}
