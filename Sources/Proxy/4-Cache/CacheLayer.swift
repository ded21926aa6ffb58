package import Transport

/// A slow layer of the cache: it stores encoded entries outside of this process's memory.
package protocol CacheLayer: Sendable {
    /// - Parameters:
    ///   - limit: a longer entry is damaged. In bytes.
    ///   - request: waits for it; nil if none does.
    /// - Returns: an encoded entry, which isn't checked; nil if there is none.
    func read(_ key: CacheKey, upTo limit: Int, for request: TimedRequest?) async throws(StoreError) -> [UInt8]?

    /// Stores an encoded entry in place of an earlier one. Readers see the old entry or the new one, never a mixture.
    /// - Parameters:
    ///   - expires: after that it may be removed, in seconds since 1970.
    ///   - limit: how long it may take, in milliseconds; nil for no limit.
    func write(_ entry: [UInt8], for key: CacheKey, expires: Int64, within limit: Int?) async throws(StoreError)

    /// Removes an entry that can't be used, if it is still there.
    func remove(_ key: CacheKey, for request: TimedRequest?) async throws(StoreError)
}

/// Identifies what is asked for: a SHA-256 digest.
package struct CacheKey: Sendable, Hashable {
    /// 32 bytes as four numbers, which are hashed and compared faster than an array.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameter digest: 32 bytes.
    package init(_ digest: [UInt8]) {
        precondition(digest.count == 32)
        func word(_ index: Int) -> UInt64 { digest[index..<index + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        words = (word(0), word(8), word(16), word(24))
    }

    /// The digest.
    package var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
    }

    package static func == (one: CacheKey, other: CacheKey) -> Bool { one.words == other.words }

    /// The digest is as good as random, so a part of it is enough.
    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
