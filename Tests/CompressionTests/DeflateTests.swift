import Compression
import Testing

@Suite struct DeflateTests {
    private static let samples: [[UInt8]] = [
        [], [0], Array("hello".utf8), Array(repeating: 0x61, count: 1_000_000),
        (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 2_654_435_761 >> 13) },
    ]

    @Test("What is compressed can be read again, up to exactly its length", arguments: samples)
    func roundTrip(bytes: [UInt8]) {
        let compressed = Deflate.compress(bytes)
        #expect(Deflate.decompress(compressed, upTo: bytes.count) == bytes)
        #expect(Deflate.decompress(compressed, upTo: .max) == bytes)
        #expect(Deflate.decompress(compressed, upTo: bytes.count - 1) == nil)
    }

    @Test("Repeated bytes become much shorter")
    func compresses() {
        #expect(Deflate.compress(Array(repeating: 0x61, count: 1_000_000)).count < 10_000)
    }

    @Test("A changed byte, a missing end and bytes after the end are errors")
    func refusesDamage() {
        let bytes = Array("data: {\"a\":1}\n\ndata: {\"a\":2}\n\ndata: {\"a\":3}\n\n".utf8)
        let compressed = Deflate.compress(bytes)
        for index in compressed.indices {
            #expect(Deflate.decompress(Array(compressed[..<index]), upTo: 1000) == nil)
            var damaged = compressed
            damaged[index] ^= 0xFF
            #expect(Deflate.decompress(damaged, upTo: 1000) == nil)
        }
        #expect(Deflate.decompress(compressed + [0], upTo: 1000) == nil)
        #expect(Deflate.decompress([], upTo: 1000) == nil)
    }
}
