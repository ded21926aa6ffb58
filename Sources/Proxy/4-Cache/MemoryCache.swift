import HTTPTypes

/// The layer in this process. If an entry needs room, those that weren't used for the longest time are removed.
///
/// The entries are a linked list in the order of their use, so that every call takes constant time. The list is in an
/// array, whose unused places are used again.
///
/// `@unchecked Sendable`: used on the loop only.
final class MemoryCache: @unchecked Sendable {
    private struct Node {
        let key: CacheKey
        let entry: CacheEntry
        let size: Int
        /// The place of the entry that was used before this one.
        var older: Int?
        /// The place of the entry that was used after this one.
        var newer: Int?
    }

    private let capacity: Int
    private var nodes: [Node?] = []
    private var places: [CacheKey: Int] = [:]
    /// The places in `nodes` that are nil.
    private var free: [Int] = []
    private var oldest: Int?
    private var newest: Int?
    /// What all entries take. In bytes, never more than the capacity.
    private(set) var size = 0

    /// - Parameter capacity: in bytes. No memory is allocated before the first entry.
    init(capacity: Int) { self.capacity = capacity }

    var count: Int { places.count }

    /// Returns an entry, which counts as used.
    func entry(for key: CacheKey) -> CacheEntry? {
        guard let place = places[key], let node = nodes[place] else { return nil }
        if newest != place {
            unlink(node)
            append(node, at: place)
        }
        return node.entry
    }

    /// Stores an entry in place of an earlier one. Does only the removal if the entry alone exceeds the capacity.
    func store(_ entry: CacheEntry, for key: CacheKey) {
        remove(key)
        let size = entry.memorySize
        guard size <= capacity else { return }
        while self.size > capacity - size, let oldest, let node = nodes[oldest] { remove(node.key) }
        let place = free.popLast() ?? nodes.count
        if place == nodes.count { nodes.append(nil) }
        append(Node(key: key, entry: entry, size: size), at: place)
        places[key] = place
        self.size += size
    }

    func remove(_ key: CacheKey) {
        guard let place = places.removeValue(forKey: key), let node = nodes[place] else { return }
        unlink(node)
        nodes[place] = nil
        free.append(place)
        size -= node.size
    }

    private func append(_ node: Node, at place: Int) {
        var node = node
        (node.older, node.newer) = (newest, nil)
        if let newest { nodes[newest]?.newer = place }
        nodes[place] = node
        newest = place
        if oldest == nil { oldest = place }
    }

    private func unlink(_ node: Node) {
        if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
        if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
    }
}

extension CacheEntry {
    /// What an entry takes in memory, including its place in the cache. In bytes, and rather too much than too little.
    var memorySize: Int {
        let fields = fields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + Self.fieldOverhead }
        let names = (model?.utf8.count ?? 0) + (answeredModel?.utf8.count ?? 0)
        return Self.overhead + body.count + pieces.count * MemoryLayout<Piece>.stride + fields + names
    }

    /// For the node, the key, and the heads of arrays and strings.
    private static let overhead = 512
    /// For each header field, besides its text.
    private static let fieldOverhead = 128
}
