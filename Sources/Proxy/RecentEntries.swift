/// A dictionary that keeps about the last `most` entries that were used, in two generations: when the young one is
/// full, it becomes the old one, whose entries are dropped. Each operation takes constant time on average.
struct RecentEntries<Key: Hashable, Value> {
    private let generation: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter most: how many entries are kept, at least 2. At least half as many are kept.
    init(most: Int) { generation = max(1, most / 2) }

    /// Reading an entry counts as using it.
    subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(value, for: key)
            return value
        }
        set {
            old[key] = nil
            guard let newValue else { return young[key] = nil }
            insert(newValue, for: key)
        }
    }

    private mutating func insert(_ value: Value, for key: Key) {
        if young.count >= generation, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
