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
        let allowances = permit.allowances(at: route.server)
        guard !left.isEmpty || !allowances.isEmpty else { return }
        async let leaving: Void = pay(left, permit)
        let error = await refusal(allowances, permit)
        await leaving
        if let error { throw error }
    }

    private func refusal(_ allowances: [(scope: Scope, allowance: Allowance)], _ permit: Permit) async -> ProxyError? {
        let now = store.now()
        let claims = worthwhile(allowances.flatMap { $0.allowance.claims(for: $0.scope, permit, at: now / 1000) })
        let verdicts = await inParallel(claims) { await judge($0) }
        let judged = zip(claims, verdicts).map { JudgedClaim($0, $1) }
        permit.note(judged)
        for case .failed(let error) in verdicts { note(error, permit) }
        var fields = permit.fields
        fields.note(judged, at: now)
        if let overrun = Overrun(judged, fields, at: now) {
            // If another server answers, this one's limits say nothing about what is left.
            permit.fields.note(judged.filter { $0.claim.scope.server == nil }, at: now)
            return .overLimit(overrun)
        }
        permit.fields = fields
        return permit.storeFailure == nil || allowsWithoutStore ? nil : .limitsUnavailable
    }

    /// Counts what the request has used, and gives back what it didn't need.
    /// - Parameter server: that was asked last; nil if none was.
    func settle(_ permit: Permit, server: String?, _ used: Amounts) async {
        await pay(permit.dues(server: server, used, at: store.now() / 1000), permit)
    }

    private func pay(_ dues: [Permit.Due], _ permit: Permit) async {
        guard !dues.isEmpty else { return }
        for error in await inParallel(dues, pay) { if let error { note(error, permit) } }
    }

    /// Says it once for each request.
    private func note(_ error: StoreError, _ permit: Permit) {
        guard permit.storeFailure == nil else { return }
        permit.storeFailure = error.detail
        let policy = allowsWithoutStore ? "requests pass uncounted" : "requests are refused"
        logger.warning(
            "the store of the limits has failed: \(policy)",
            metadata: ["request": "\(permit.requestID)", "error": "\(error.detail)"])
    }
}

// MARK: - Asking the store

extension Limits {
    /// Without what would be taken only to be given back, because it is known that something else is used up. What the
    /// key may do at all servers is asked for all the same if a server has nothing left: another may follow.
    private func worthwhile(_ claims: [Claim]) -> [Claim] {
        let usedUp = claims.filter { stock.isUsedUp($0) }
        guard !usedUp.isEmpty else { return claims }
        let ofKey = usedUp.filter { $0.scope.server == nil }
        return ofKey.isEmpty ? claims.filter { $0.scope.server == nil } + usedUp : ofKey
    }

    private func judge(_ claim: Claim) async -> Verdict {
        do throws(StoreError) {
            switch claim {
            case .lease(let lease, _):
                let isOpen = try await ask { () async throws(StoreError) in try await store.enter(lease) }
                return isOpen ? .granted(Amounts()) : .refused(Amounts())
            case .counter(let counter, _, let ceilings):
                if let verdict = stock.verdict(counter) { return verdict }
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
            try await ask { () async throws(StoreError) in
                switch due {
                case .amounts(let amounts, let counter):
                    try await store.add(amounts, to: counter)
                    if amounts.requests < 0 { stock.hasRoom(counter) }
                case .lease(let lease): try await leave(lease)
                }
            }
            return nil
        } catch {
            return error
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
