import HTTPTypes
import LambdaRuntime
import Logging
import Transport

/// Responds with what an identical request got before, or gets at this moment. Otherwise asks servers, and stores their
/// response once the caller has it.
struct ResponseCache {
    private let memory: MemoryCache
    private let layers: [CacheLayerName: SlowCacheLayer]
    /// The requests that have been sent and aren't stored yet.
    let open = OpenResponses()
    private let limits: Limits
    let timers: any Timers
    let now: @Sendable () -> Int64

    init(
        _ settings: Settings, _ layers: [CacheLayerName: any CacheLayer], _ limits: Limits, _ timers: any Timers,
        _ logger: Logger, now: @escaping @Sendable () -> Int64
    ) {
        memory = MemoryCache(capacity: settings.cacheSizes.memory)
        self.layers = layers.reduce(into: [:]) { $0[$1.key] = SlowCacheLayer($1.value, $1.key, logger, now: now) }
        self.limits = limits
        self.timers = timers
        self.now = now
    }

    /// - Parameter ask: asks servers.
    func answer(_ request: UpstreamRequest, along route: Route, else ask: () async -> Outcome) async -> Outcome {
        guard let policy = policy(for: request, on: route) else { return await ask() }
        let use = CacheUse(of: route.server)
        request.context.record.cache = use
        let directives = CacheDirectives(request.fields.value(of: .cacheControl))
        guard !directives.isNoStore, let key = CacheableRequest.key(of: request, along: route, by: policy) else {
            return directives.isOnlyIfCached ? await refuse(request, along: route) : await ask()
        }
        let lookup = CacheLookup(
            key: key, policy: policy, directives: directives, use: use, request: request, route: route)
        if directives.isNoCache {
            use.outcome = .miss(.request)
        } else if let entry = usable(memory.entry(for: key), lookup) {
            return await replay(entry, from: .memory, lookup)
        } else if !directives.isOnlyIfCached, let response = open[key] {
            return await follow(response, lookup, else: ask)
        }
        let mayBeFollowed = !directives.isNoCache && !directives.isOnlyIfCached
        let response = SharedResponse(mayBeFollowed ? key : nil, limit: policy.maxEntryBytes, now: now, timers)
        use.recording = response
        open.begin(response)
        if !directives.isNoCache, let (entry, layer) = await find(lookup) {
            response.resolve(entry, layer)
            open.end(response)
            use.recording = nil
            return await replay(entry, from: layer, lookup)
        }
        guard !directives.isOnlyIfCached else { return await refuse(request, along: route) }
        return await lead(response, lookup, else: ask)
    }

    /// Nil if nothing is cached here.
    private func policy(for request: UpstreamRequest, on route: Route) -> CachePolicy? {
        guard let policy = route.server.cache, route.operation.isCacheable, case .json = route.body,
            request.context.reservation.caller.permissions?.caching != .off
        else { return nil }
        return policy
    }
}

/// What is looked up.
struct CacheLookup {
    let key: CacheKey
    let policy: CachePolicy
    let directives: CacheDirectives
    let use: CacheUse
    let request: UpstreamRequest
    let route: Route

    var context: RequestContext { request.context }
}

// MARK: - Stored responses

extension ResponseCache {
    private func find(_ lookup: CacheLookup) async -> (CacheEntry, CacheLayerName)? {
        for (index, name) in lookup.policy.layers.enumerated() {
            guard let layer = layers[name],
                let found = await layer.entry(
                    for: lookup.key, upTo: lookup.policy.maxEntryBytes, for: lookup.context.timed),
                let entry = usable(found.entry, lookup)
            else { continue }
            let faster = lookup.policy.layers[..<index]
            if faster.contains(.memory) { memory.store(entry, for: lookup.key) }
            let slow = faster.filter { $0 != .memory }
            if !slow.isEmpty {
                lookup.use.refill = (lookup.key, found.encoded, expiry(entry, lookup.policy), Array(slow))
            }
            return (entry, name)
        }
        return nil
    }

    /// The entry, if it is fresh and the caller takes it.
    func usable(_ entry: CacheEntry?, _ lookup: CacheLookup) -> CacheEntry? {
        guard let entry else {
            if case .miss = lookup.use.outcome { return nil }
            lookup.use.outcome = .miss(.unknown)
            return nil
        }
        let age = age(of: entry)
        // One from the future was written by a wrong clock.
        guard age < lookup.policy.ttl, entry.created - now() < Self.mostAhead else {
            lookup.use.outcome = .miss(.stale)
            return nil
        }
        guard lookup.directives.allow(age: age) else {
            lookup.use.outcome = .miss(.request)
            return nil
        }
        return entry
    }

    /// How far the clocks of two environments may differ. In milliseconds.
    private static let mostAhead: Int64 = 60_000

    /// In seconds.
    private func age(of entry: CacheEntry) -> Int { max(0, Int((now() - entry.created) / 1000)) }

    /// In seconds since 1970.
    private func expiry(_ entry: CacheEntry, _ policy: CachePolicy) -> Int64 {
        entry.created / 1000 + Int64(policy.ttl) + 1
    }

    func replay(_ entry: CacheEntry, from layer: CacheLayerName, _ lookup: CacheLookup) async -> Outcome {
        do throws(ProxyError) {
            try await admit(lookup)
        } catch {
            return .failure(error)
        }
        let age = age(of: entry)
        lookup.use.outcome = .hit(entry, layer, age: age, timeLeft: max(0, lookup.policy.ttl - age))
        lookup.request.meter.noteBytes(entry.body.count)
        let cancellation = lookup.context.cancellation
        // What is collected doesn't show its pace.
        let isPaced =
            lookup.policy.replaysAtOriginalPace && cancellation.reason == nil && lookup.context.door.streams
        let replay = Replay(entry, isPaced: isPaced, paceLimit: timeLeft(of: lookup), timers)
        // If the process ends, the rest is sent at once.
        cancellation.end = { _ in replay.hurry() }
        return .success(.stream(Prelude(.ok, fields: entry.fields), replay.body))
    }

    /// How long the response may take, in milliseconds; nil for no limit.
    func timeLeft(of lookup: CacheLookup) -> Int? {
        lookup.context.deadline.map { Int($0 - now()) }
    }

    /// Refuses a request that wants only a stored response. A limit that is used up comes first.
    private func refuse(_ request: UpstreamRequest, along route: Route) async -> Outcome {
        do throws(ProxyError) {
            try await limits.admit(request.context.reservation, along: route, asksServer: false)
            return .failure(.notInCache)
        } catch {
            return .failure(error)
        }
    }

    /// Counts the request, although no server is asked.
    func admit(_ lookup: CacheLookup) async throws(ProxyError) {
        try await limits.admit(lookup.context.reservation, along: lookup.route, asksServer: false)
        lookup.context.reservation.isFromCache = true
        lookup.request.letGo()
    }
}

// MARK: - Storing

extension ResponseCache {
    /// Waits for a response whose own caller has gone, but which others follow.
    func finish(_ context: RequestContext) async {
        await context.record.cache?.recording?.ended()
    }

    /// Stores the response of a request that has ended.
    /// - Parameter isDelivered: whether the caller has it.
    func store(_ context: RequestContext, isDelivered: Bool) async {
        guard let use = context.record.cache else { return }
        let timeLeft = context.invocation.deadline.map { Int($0 - now()) - Self.lastMoment }
        if let refill = use.refill {
            await write(refill.entry, refill.key, refill.expires, to: refill.layers, within: timeLeft)
        }
        guard let response = use.recording else { return }
        defer { open.end(response) }
        guard let (key, policy) = use.destination, isDelivered, context.record.failure == nil,
            let entry = response.entry()
        else { return }
        if policy.layers.contains(.memory) { memory.store(entry, for: key) }
        open.end(response)
        let slow = policy.layers.filter { $0 != .memory }
        guard !slow.isEmpty else { return }
        await write(entry.encoded(for: key), key, expiry(entry, policy), to: slow, within: timeLeft)
    }

    /// What Lambda needs to end an invocation. In milliseconds.
    private static let lastMoment = 50

    private func write(
        _ entry: [UInt8], _ key: CacheKey, _ expires: Int64, to names: [CacheLayerName], within limit: Int?
    ) async {
        let layers = names.compactMap { self.layers[$0] }
        await withTaskGroup(of: Void.self) { group in
            for layer in layers {
                group.addTask { await layer.write(entry, for: key, expires: expires, within: limit) }
            }
        }
    }
}
