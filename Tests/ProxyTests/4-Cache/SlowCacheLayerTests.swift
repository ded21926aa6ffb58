import Digests
import HTTPTypes
import Logging
import Testing
import Transport

@testable import Proxy

@Suite struct SlowCacheLayerTests {
    /// A layer in memory that fails when the test says so.
    ///
    /// `@unchecked Sendable`: used by one task at a time.
    private final class Layer: CacheLayer, @unchecked Sendable {
        var entries: [CacheKey: [UInt8]] = [:]
        var error: StoreError?
        var calls: [String] = []

        func read(_ key: CacheKey, upTo limit: Int, for request: TimedRequest? = nil) async throws(StoreError)
            -> [UInt8]?
        {
            try note("read")
            return entries[key]
        }

        func write(_ entry: [UInt8], for key: CacheKey, expires: Int64, within limit: Int?) async throws(StoreError) {
            try note("write \(expires) \(limit ?? -1)")
            entries[key] = entry
        }

        func remove(_ key: CacheKey, for request: TimedRequest? = nil) async throws(StoreError) {
            try note("remove")
            entries[key] = nil
        }

        private func note(_ call: String) throws(StoreError) {
            calls.append(call)
            if let error { throw error }
        }
    }

    private static let key = CacheKey(SHA256.digest(of: [1]))
    private static let entry = CacheEntry(
        created: 5000, fields: [.contentType: "text/plain"], body: Array("hello".utf8),
        pieces: [.init(length: 5, wait: 0)], usage: nil, model: nil, answeredModel: nil)
    private static let refused = StoreError("access denied", isSilent: false)
    private static let silent = StoreError("no answer within 300 ms", isSilent: true)

    private let layer = Layer()
    private let clock = HandClock()
    private let log = LogLines()
    private var slow: SlowCacheLayer {
        SlowCacheLayer(layer, .tmp, Logger(label: "test") { [log] _ in log }, now: { [clock] in clock.now })
    }

    private func read(_ slow: SlowCacheLayer, upTo limit: Int = 100) async -> CacheEntry? {
        await slow.entry(for: Self.key, upTo: limit, for: nil)?.entry
    }

    @Test("What is written is read again, with its code for other layers")
    func keeps() async throws {
        let slow = slow
        #expect(await read(slow) == nil)
        let encoded = Self.entry.encoded(for: Self.key)
        await slow.write(encoded, for: Self.key, expires: 9, within: 70)
        await slow.write(encoded, for: Self.key, expires: 9, within: nil)
        let found = try #require(await slow.entry(for: Self.key, upTo: 100, for: nil))
        #expect(found.entry == Self.entry && found.encoded == encoded)
        #expect(layer.calls == ["read", "write 9 70", "write 9 -1", "read"])
        #expect(log.lines.isEmpty)
    }

    @Test("Failures are misses, and are logged once a minute")
    func logsOnce() async {
        let slow = slow
        layer.error = Self.refused
        let line = "warning: the cache has failed, so the server is asked error=access denied layer=tmp"
        for wait: Int64 in [0, 1, 59_998] {
            clock.advance(by: wait)
            #expect(await read(slow) == nil)
            #expect(log.lines == [line])
        }
        clock.advance(by: 1)
        #expect(await read(slow) == nil)
        #expect(log.lines == [line, line])
        // Each call has reached the layer, since it answers.
        #expect(layer.calls.count == 4)
    }

    @Test("A request that couldn't wait for a lookup is no failure of the cache")
    func isCut() async {
        let slow = slow
        layer.error = .outOfTime
        for _ in 0..<3 { #expect(await read(slow) == nil) }
        #expect(log.lines.isEmpty && layer.calls == ["read", "read", "read"])
    }

    @Test("A clock that was set back doesn't silence the log")
    func logsAfterClockIsSetBack() async {
        let slow = slow
        layer.error = Self.refused
        _ = await read(slow)
        clock.advance(by: -3_600_000)
        _ = await read(slow)
        #expect(log.lines.count == 2)
    }

    @Test("A response that can't be stored is logged, too")
    func logsWrite() async {
        let slow = slow
        layer.error = Self.refused
        await slow.write([1], for: Self.key, expires: 9, within: nil)
        #expect(
            log.lines == ["warning: the cache has failed, so a response isn't stored error=access denied layer=tmp"])
    }

    @Test("A layer that doesn't answer isn't asked for five seconds")
    func pauses() async {
        let slow = slow
        layer.error = Self.silent
        _ = await read(slow)
        layer.error = nil
        layer.entries[Self.key] = Self.entry.encoded(for: Self.key)
        clock.advance(by: 4999)
        #expect(await read(slow) == nil)
        await slow.write([1], for: Self.key, expires: 9, within: nil)
        #expect(layer.calls == ["read"])
        clock.advance(by: 1)
        #expect(await read(slow) == Self.entry)
        #expect(log.lines.count == 1)
    }

    @Test("An entry that is damaged, of another key or too long is removed and logged")
    func removesDamaged() async {
        let good = Self.entry.encoded(for: Self.key)
        var flipped = good
        flipped[good.count - 1] ^= 1
        for damaged in [
            [], flipped, Array(good.dropLast()), good + [0], Self.entry.encoded(for: CacheKey(SHA256.digest(of: [2]))),
        ] {
            let slow = slow
            layer.calls = []
            layer.entries[Self.key] = damaged
            let logged = log.lines.count
            #expect(await read(slow) == nil)
            #expect(layer.calls == ["read", "remove"] && layer.entries.isEmpty)
            #expect(log.lines.count == logged + 1)
        }
        layer.entries[Self.key] = good
        #expect(await read(slow, upTo: 4) == nil)
        #expect(layer.entries.isEmpty)
    }

    @Test("Without time nothing is written", arguments: [0, -1, Int.min])
    func hasNoTime(limit: Int) async {
        await slow.write([1], for: Self.key, expires: 9, within: limit)
        #expect(layer.calls.isEmpty)
        #expect(log.lines.count == 1 && log.lines[0].contains("no time is left"))
    }
}
