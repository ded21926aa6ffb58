import Logging
import Transport

/// Lets a request through as long as nobody has used too much: the station before each server that is asked.
///
/// All that has to be counted before a server is asked is counted at once, so it costs one round trip to the store. What
/// is known only afterwards is counted when the caller has its answer.
struct Limits {
    private let store: any LimitStore
    private let logger: Logger
    private let allowsWithoutStore: Bool
    private let debts = Debts()
    private let stock = Stock()
    private let silence = StoreSilence()

    init(_ settings: Settings, _ store: any LimitStore, _ logger: Logger) {
        self.store = store
        self.logger = logger
        allowsWithoutStore = settings.allowsWithoutStore
    }

    /// Counts a request that is about to be sent to a server; if it has been before, it is only once. What is open at
    /// other servers isn't any more.
    func admit(_ permit: Permit, along route: Route) async throws(ProxyError) {
        let left = permit.left(for: route.server)
        let allowances = permit.allowances(along: route)
        guard !left.isEmpty || !allowances.isEmpty else { return }
        async let leaving = pay(left)
        let error = await refusal(allowances, permit)
        if let failure = await leaving.first { note(failure.error, permit, "what has ended there counts as open") }
        if let error { throw error }
    }

    private func refusal(_ allowances: [(scope: Scope, allowance: Allowance)], _ permit: Permit) async -> ProxyError? {
        let now = store.now()
        let judged = await judge(allowances.flatMap { $0.allowance.claims(for: $0.scope, permit, at: now / 1000) })
        let refusal = refusal(judged, permit, at: now)
        permit.note(judged, isRefused: refusal != nil)
        if let error = judged.lazy.compactMap(\.verdict.error).first {
            let isDenied = if case .limitsUnavailable = refusal { true } else { false }
            let policy = isDenied ? "requests are refused" : "nothing passes uncounted"
            note(error, permit, allowsWithoutStore ? "requests pass uncounted" : policy)
        }
        return refusal
    }

    /// What the key has used up, or what can't be counted for it, refuses the request at all servers. So it comes before
    /// the limits of a server, behind which another may be asked.
    private func refusal(_ judged: [JudgedClaim], _ permit: Permit, at now: Int64) -> ProxyError? {
        var fields = permit.fields
        fields.note(judged, at: now)
        let overrun = Overrun(judged, fields, at: now)
        let isDenied =
            !allowsWithoutStore
            && judged.contains { $0.verdict.error != nil && (overrun == nil || $0.claim.scope.isOfKey) }
        if let overrun, !isDenied || overrun.scope.server == nil {
            // If another server answers, this one's limits say nothing about what is left.
            permit.fields.note(judged.filter { $0.claim.scope.server == nil }, at: now)
            return .overLimit(overrun)
        }
        permit.fields = fields
        return isDenied ? .limitsUnavailable : nil
    }

    /// Counts what the request has used, and gives back what it didn't need.
    /// - Parameter server: whose counters it is added to; nil if none was asked.
    /// - Returns: what of it couldn't be counted.
    func settle(_ permit: Permit, server: String?, _ used: Amounts) async -> Shortfall? {
        let dues = permit.dues(server: server, used, at: store.now() / 1000)
        guard !dues.isEmpty else { return nil }
        let failures = await pay(dues)
        guard let error = failures.first?.error else { return nil }
        let isOwed = failures.contains { if case .amounts(used, _) = $0.due { true } else { false } }
        return Shortfall(error: error, owed: isOwed ? used : Amounts())
    }

    /// - Returns: what couldn't be paid.
    private func pay(_ dues: [Permit.Due]) async -> [(due: Permit.Due, error: StoreError)] {
        guard !dues.isEmpty else { return [] }
        return zip(dues, await inParallel(dues, pay)).compactMap { due, error in error.map { (due, $0) } }
    }

    /// Says it once for each request.
    private func note(_ error: StoreError, _ permit: Permit, _ consequence: String) {
        guard permit.storeFailure == nil else { return }
        permit.storeFailure = error.detail
        logger.warning(
            "the store of the limits has failed: \(consequence)",
            metadata: ["request": "\(permit.requestID)", "error": "\(error.detail)"])
    }
}

// MARK: - Asking the store

extension Limits {
    /// What would be taken only to be given back, because it is known that something else is used up, isn't asked for.
    /// What the key may do at all servers is asked for all the same if a server has nothing left: another may follow.
    /// Where nothing may pass uncounted, so is what it may do there, as it may not depend on what is known whether that
    /// refuses.
    private func judge(_ claims: [Claim]) async -> [JudgedClaim] {
        // Judged at once: once others have had their turn there may be room again, and the rest wouldn't be counted.
        let usedUp: [JudgedClaim] = claims.compactMap { claim in stock.refusal(of: claim).map { (claim, $0) } }
        var asked = claims
        if !usedUp.isEmpty {
            let isOfKey = usedUp.contains { $0.claim.scope.server == nil }
            asked =
                isOfKey
                ? [] : claims.filter { allowsWithoutStore ? $0.scope.server == nil : $0.scope.isOfKey }
        }
        let verdicts = await inParallel(asked) { await judge($0) }
        return usedUp + zip(asked, verdicts).map { ($0, $1) }
    }

    private func judge(_ claim: Claim) async -> Verdict {
        do throws(StoreError) {
            switch claim {
            case .lease(let lease, _):
                let isOpen = try await ask { () async throws(StoreError) in try await store.enter(lease) }
                return isOpen ? .granted(Amounts()) : .refused(Amounts())
            case .counter(let counter, _, let ceilings):
                if let verdict = stock.verdict(counter, ceilings) { return verdict }
                try await add(Amounts(), to: counter)
                let count = stock.batch(of: counter, ceilings)
                let demand = Demand(counter, requests: count, ceilings: Amounts(most: ceilings))
                let grant = try await ask { () async throws(StoreError) in try await store.take(demand) }
                return stock.note(grant, demand)
            }
        } catch {
            return .failed(error)
        }
    }

    private func pay(_ due: Permit.Due) async -> StoreError? {
        do throws(StoreError) {
            switch due {
            case .amounts(let amounts, let counter):
                // If it fails, nobody knows whether there is room: the next request asks the store.
                defer { if amounts.requests < 0 { stock.hasRoom(counter) } }
                try await add(amounts, to: counter)
            case .lease(let lease): try await ask { () async throws(StoreError) in try await leave(lease) }
            }
            return nil
        } catch {
            return error
        }
    }

    /// Adds what has been used, together with what couldn't be added before. What is given back may have been, though the
    /// answer was lost: it isn't owed, lest it be given back twice and the limit open.
    private func add(_ amounts: Amounts, to counter: Counter) async throws(StoreError) {
        var owed = debts.take(counter)
        owed += amounts
        guard owed != Amounts() else { return }
        do throws(StoreError) {
            try await ask { [owed] () async throws(StoreError) in try await store.add(owed, to: counter) }
        } catch {
            debts.note(owed.added, to: counter, at: store.now() / 1000)
            throw error
        }
    }

    /// Twice if need be, which does no harm: a lease that stays behind would block the next request for minutes.
    private func leave(_ lease: Lease) async throws(StoreError) {
        do throws(StoreError) {
            try await store.leave(lease)
        } catch {
            guard !error.isSilent else { throw error }
            try await store.leave(lease)
        }
    }

    private func ask<Answer>(_ question: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
        if let error = silence.error(at: store.now()) { throw error }
        do throws(StoreError) {
            return try await question()
        } catch {
            silence.note(error, at: store.now())
            throw error
        }
    }

    /// In the order of the elements.
    private func inParallel<Element: Sendable, Output: Sendable>(
        _ elements: [Element], _ work: @escaping @Sendable (Element) async -> Output
    ) async -> [Output] {
        if elements.count == 1 { return [await work(elements[0])] }
        return await withTaskGroup(of: (index: Int, output: Output).self) { group in
            for (index, element) in elements.enumerated() { group.addTask { (index, await work(element)) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.index < $1.index }.map(\.output)
        }
    }
}
