import Logging
import Transport

/// A layer outside of this process's memory, which may be damaged, full, slow or out of reach. It never fails a
/// request: what goes wrong is logged, once a minute, and counts as a miss.
///
/// `@unchecked Sendable`: used on the loop only.
final class SlowCacheLayer: @unchecked Sendable {
    private let layer: any CacheLayer
    private let name: CacheLayerName
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let breaker = StoreCircuitBreaker()
    /// When the last failure was logged, in milliseconds since 1970.
    private var logged: Int64?

    private static let logInterval: Int64 = 60_000

    init(_ layer: any CacheLayer, _ name: CacheLayerName, _ logger: Logger, now: @escaping @Sendable () -> Int64) {
        self.layer = layer
        self.name = name
        self.logger = logger
        self.now = now
    }

    /// - Parameters:
    ///   - limit: a longer body is damaged. In bytes.
    ///   - request: waits for it.
    /// - Returns: the entry, and its code for other layers; nil if there is none that can be used. One that is damaged
    ///   is removed.
    func entry(
        for key: CacheKey, upTo limit: Int, for request: TimedRequest?
    ) async -> (entry: CacheEntry, encoded: [UInt8])? {
        let found = await attempt("so the server is asked") { () async throws(StoreError) in
            try await layer.read(key, upTo: limit + CacheEntry.mostOverhead, for: request)
        }
        guard let encoded = found ?? nil else { return nil }
        if let entry = CacheEntry(decoding: encoded, for: key, upTo: limit) { return (entry, encoded) }
        note("an entry is damaged, too long, or of another version", "so it is removed")
        await attempt("so a damaged entry stays") { () async throws(StoreError) in
            try await layer.remove(key, for: request)
        }
        return nil
    }

    func write(_ entry: [UInt8], for key: CacheKey, expires: Int64, within limit: Int?) async {
        if let limit, limit <= 0 { return note("no time is left to store a response", "so it isn't stored") }
        await attempt("so a response isn't stored") { () async throws(StoreError) in
            try await layer.write(entry, for: key, expires: expires, within: limit)
        }
    }

    @discardableResult
    private func attempt<Result>(
        _ consequence: String, _ action: () async throws(StoreError) -> Result
    ) async -> Result? {
        // Its first failure has been logged.
        guard breaker.error(at: now()) == nil else { return nil }
        do throws(StoreError) {
            return try await action()
        } catch {
            breaker.note(error, at: now())
            if error != .outOfTime { note(error.detail, consequence) }
            return nil
        }
    }

    private func note(_ reason: String, _ consequence: String) {
        let now = now()
        if let logged, (0..<Self.logInterval).contains(now - logged) { return }
        logged = now
        logger.warning(
            "the cache has failed, \(consequence)", metadata: ["layer": "\(name.rawValue)", "error": "\(reason)"])
    }
}
