import Digests
import HTTPTypes
import Testing

@testable import Proxy

@Suite struct CacheEntryCodingTests {
    private static let key = CacheKey(SHA256.digest(of: [1]))

    private static let entries: [CacheEntry] = [
        entry(),
        entry(body: Array("{}".utf8), pieces: [2]),
        entry(
            body: Array(0...255), pieces: [0, 256], usage: .init(input: 9, output: 8, cachedInput: 7, isEstimate: true)),
        entry(
            fields: [
                .contentType: "text/event-stream", .init("x-Été") ?? .init("X-Request-ID") ?? .date: "é \u{1F600}",
            ],
            body: Array(String(repeating: "data: {\"choices\":[{\"delta\":{}}]}\n\n", count: 10).utf8),
            pieces: Array(repeating: 34, count: 10),
            usage: .init(input: 0, output: 1, cachedInput: 0, isEstimate: false),
            model: "gpt-4o", answeredModel: ""),
    ]

    private static func entry(
        fields: HTTPFields = [:], body: [UInt8] = [], pieces: [Int] = [], usage: TokenUsage? = nil,
        model: String? = nil, answeredModel: String? = nil
    ) -> CacheEntry {
        CacheEntry(
            created: 1_790_000_000_123, fields: fields, body: body,
            pieces: pieces.enumerated().map { .init(length: $1, wait: $0 * 1000) }, usage: usage, model: model,
            answeredModel: answeredModel)
    }

    private func decoded(_ bytes: [UInt8], upTo limit: Int = 1_000_000) -> CacheEntry? {
        CacheEntry(decoding: bytes, for: Self.key, upTo: limit)
    }

    /// With a digest that fits, so that what is behind it is read.
    private func sealed(_ content: [UInt8]) -> [UInt8] {
        Array("LOPC\u{1}".utf8) + SHA256.digest(of: content) + content
    }

    @Test("An entry is read as it was written", arguments: entries)
    func roundTrip(entry: CacheEntry) {
        #expect(decoded(entry.encoded(for: Self.key)) == entry)
    }

    @Test("A body may be as long as the limit, and no longer", arguments: entries)
    func limit(entry: CacheEntry) {
        let bytes = entry.encoded(for: Self.key)
        #expect(decoded(bytes, upTo: entry.body.count) == entry)
        #expect(decoded(bytes, upTo: entry.body.count - 1) == nil)
    }

    @Test("The body of a stream is compressed")
    func compresses() {
        let event = Array("data: {\"choices\":[]}\n\n".utf8)
        let body = Array((0..<1000).map { _ in event }.joined())
        #expect(Self.entry(body: body, pieces: [body.count]).encoded(for: Self.key).count < body.count / 10)
    }

    @Test("A cut entry, one with more behind it and one with a changed byte are refused", arguments: entries)
    func refusesDamage(entry: CacheEntry) {
        let bytes = entry.encoded(for: Self.key)
        #expect(decoded(bytes + [0]) == nil)
        for index in bytes.indices {
            #expect(decoded(Array(bytes[..<index])) == nil)
            var damaged = bytes
            damaged[index] ^= 0x01
            #expect(decoded(damaged) == nil)
        }
    }

    @Test("An entry of another key is refused")
    func refusesForeign() {
        #expect(decoded(Self.entries[3].encoded(for: CacheKey(SHA256.digest(of: [2])))) == nil)
    }

    @Test("Damage that the digest doesn't show never traps, and cut entries are refused", arguments: entries)
    func survivesForgery(entry: CacheEntry) {
        let content = Array(entry.encoded(for: Self.key)[37...])
        #expect(decoded(sealed(content)) == entry)
        #expect(decoded(sealed(content + [0])) == nil)
        for index in content.indices {
            #expect(decoded(sealed(Array(content[..<index]))) == nil)
            for byte: UInt8 in [0, 1, 0x0A, 0x3A, 0x7F, 0x80, 0xFF] {
                var forged = content
                forged[index] = byte
                let read = decoded(sealed(forged))
                #expect(read.map { $0.pieces.reduce(0) { $0 + $1.length } == $0.body.count } ?? true)
            }
        }
    }

    @Test(
        "Names and values that aren't header fields are refused",
        arguments: [("", "a"), (":path", "a"), ("a b", "a"), ("a", "b\r\nc: d"), ("a", "\u{0}"), ("a", " b")])
    func refusesFields(name: String, value: String) {
        let valid = Self.entry(fields: [.init("n") ?? .date: "v"]).encoded(for: Self.key)[37...]
        let field = { (name: String, value: String) -> [UInt8] in
            [name, value].flatMap { [UInt8($0.utf8.count), 0, 0, 0] + Array($0.utf8) }
        }
        // The key, the time, three absent members and the number of fields come before it.
        let (before, behind) = (valid.prefix(32 + 8 + 3 + 4), valid.dropFirst(32 + 8 + 3 + 4 + 10))
        #expect(decoded(sealed(before + field("n", "v") + behind)) != nil)
        #expect(decoded(sealed(before + field(name, value) + behind)) == nil)
    }
}
