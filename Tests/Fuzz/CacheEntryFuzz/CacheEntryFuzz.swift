import Digests

@testable import Proxy

/// What is read as an entry has a body within the limit, which its pieces add up to, and is read again as it was
/// written. The input is what follows the digest, which a fuzzer couldn't find.
enum CacheEntryFuzz: FuzzTarget {
    private static let limit = 100_000
    /// Letters, so that the corpus can be read.
    private static let key = CacheKey(Array("the key of the entries in Corpus".utf8))

    static func check(_ input: [UInt8]) {
        require(CacheEntry(decoding: input, for: key, upTo: limit) == nil, "an entry without a digest is read")
        let bytes = Array("LOPC\u{1}".utf8) + SHA256.digest(of: input) + input
        guard let entry = CacheEntry(decoding: bytes, for: key, upTo: limit) else { return }
        require(entry.body.count <= limit, "a body is longer than the limit")
        require(entry.pieces.reduce(0) { $0 + $1.length } == entry.body.count, "the pieces aren't the body")
        let again = CacheEntry(decoding: entry.encoded(for: key), for: key, upTo: limit)
        require(again == entry, "an entry isn't read as it was written")
        let other = CacheKey(Array(repeating: 0, count: 32))
        require(CacheEntry(decoding: bytes, for: other, upTo: limit) == nil, "an entry of another key is read")
    }
}
