import HTTPTypes
import Testing

@testable import Proxy

@Suite struct MemoryCacheTests {
    private static func key(_ number: UInt8) -> CacheKey { CacheKey(Array(repeating: number, count: 32)) }

    /// - Parameter size: of the body, in bytes.
    private static func entry(
        _ size: Int, fields: HTTPFields = [:], pieces: Int = 1, model: String? = nil
    ) -> CacheEntry {
        CacheEntry(
            created: 0, fields: fields, body: Array(repeating: 7, count: size),
            pieces: Array(repeating: .init(length: 1, wait: 0), count: pieces), usage: nil, model: model,
            answeredModel: nil)
    }

    private enum Step {
        case store(UInt8, Int = 1000)
        case use(UInt8)
        case remove(UInt8)
    }

    @Test(
        "The entries that weren't used for the longest time make room",
        arguments: [
            ([], []),
            ([.store(1), .store(2), .store(3)], [1, 2, 3]),
            ([.store(1), .store(2), .store(3), .store(4)], [2, 3, 4]),
            ([.store(1), .store(2), .store(3), .use(1), .store(4)], [1, 3, 4]),
            ([.store(1), .store(2), .store(3), .use(2), .use(1), .store(4), .store(5)], [1, 4, 5]),
            ([.store(1), .store(2), .store(3), .use(3), .use(9), .store(4)], [2, 3, 4]),
            // Storing an entry again counts as a use, and doesn't count twice.
            ([.store(1), .store(2), .store(1), .store(3), .store(4)], [1, 3, 4]),
            // Removing makes room, wherever the entry is in the order.
            ([.store(1), .store(2), .store(3), .remove(1), .store(4)], [2, 3, 4]),
            ([.store(1), .store(2), .store(3), .remove(2), .store(4), .store(5)], [3, 4, 5]),
            ([.store(1), .store(2), .store(3), .remove(3), .remove(3), .store(4), .store(5)], [2, 4, 5]),
            ([.store(1), .remove(1), .store(2), .remove(2), .use(2)], []),
            // A large entry takes the place of several, but one that is too large takes none.
            ([.store(1), .store(2), .store(3), .store(4, 3000)], [3, 4]),
            ([.store(1), .store(2), .store(3, 5000)], [1, 2]),
            ([.store(1), .store(2), .store(2, 5000)], [1]),
        ] as [([Step], [UInt8])])
    private func evicts(steps: [Step], kept: [UInt8]) {
        let room = Self.entry(1000).memorySize
        let cache = MemoryCache(capacity: 3 * room + 500)
        for step in steps {
            switch step {
            case .store(let key, let size): cache.store(Self.entry(size), for: Self.key(key))
            case .use(let key): _ = cache.entry(for: Self.key(key))
            case .remove(let key): cache.remove(Self.key(key))
            }
        }
        #expect(cache.count == kept.count)
        #expect((1...9).filter { cache.entry(for: Self.key($0)) != nil } == kept)
    }

    @Test("Whatever is stored, used and removed, it holds what a list in the order of use holds")
    func agreesWithList() {
        var generator = Seeded(state: 18)
        let cache = MemoryCache(capacity: 20_000)
        var list: [(key: UInt8, entry: CacheEntry)] = []
        for _ in 0..<5000 {
            let key = UInt8.random(in: 0..<24, using: &generator)
            switch UInt8.random(in: 0..<8, using: &generator) {
            case 0..<4:
                let entry = Self.entry(Int.random(in: 0..<6000, using: &generator))
                cache.store(entry, for: Self.key(key))
                list.removeAll { $0.key == key }
                list.append((key, entry))
                while list.reduce(0, { $0 + $1.entry.memorySize }) > 20_000 { list.removeFirst() }
            case 4..<7:
                let place = list.firstIndex { $0.key == key }
                #expect(cache.entry(for: Self.key(key)) == place.map { list[$0].entry })
                if let place { list.append(list.remove(at: place)) }
            default:
                cache.remove(Self.key(key))
                list.removeAll { $0.key == key }
            }
            #expect(cache.count == list.count)
            #expect(cache.size == list.reduce(0) { $0 + $1.entry.memorySize })
        }
    }

    @Test("Everything that an entry consists of counts, and so does an empty one")
    func counts() {
        let empty = Self.entry(0, pieces: 0).memorySize
        #expect(empty > 0)
        #expect(Self.entry(1000, pieces: 0).memorySize == empty + 1000)
        #expect(Self.entry(0, pieces: 100).memorySize >= empty + 100 * MemoryLayout<CacheEntry.Piece>.size)
        #expect(Self.entry(0, fields: [.contentType: String(repeating: "x", count: 500)]).memorySize > empty + 512)
        #expect(Self.entry(0, pieces: 0, model: String(repeating: "m", count: 300)).memorySize == empty + 300)
    }

    @Test("Without capacity nothing is stored")
    func storesNothing() {
        let cache = MemoryCache(capacity: 0)
        cache.store(Self.entry(0), for: Self.key(1))
        #expect(cache.entry(for: Self.key(1)) == nil && cache.size == 0)
    }

    /// The same numbers in each run.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
