import Proxy
import Transport

/// A process's folder for cached responses. What is read from it may be damaged, or be another entry.
///
/// `@unchecked Sendable`: a life runs on one thread.
final class SimulatedFolder: CacheLayer, @unchecked Sendable {
    private var entries: [CacheKey: [UInt8]] = [:]
    private var last: [UInt8] = []
    private var draw: Draw
    /// How often something goes wrong, of a hundred times.
    private let faults: Int

    init(_ draw: Draw, faults: Int) { (self.draw, self.faults) = (draw, faults) }

    func read(_ key: CacheKey, upTo limit: Int, for request: TimedRequest?) throws(StoreError) -> [UInt8]? {
        guard var entry = entries[key], draw.chance(faults) else { return entries[key] }
        switch draw.pick(5) {
        case 0: throw StoreError("the folder can't be read", isSilent: false)
        case 1: return nil
        case 2: return Array(entry.prefix(draw.pick(entry.count)))
        case 3: return last
        default:
            entry[draw.pick(entry.count)] ^= UInt8(1 << draw.pick(8))
            return entry
        }
    }

    func write(_ entry: [UInt8], for key: CacheKey, expires: Int64, within limit: Int?) throws(StoreError) {
        guard !draw.chance(faults) else { throw StoreError("the folder is full", isSilent: false) }
        (entries[key], last) = (entry, entry)
    }

    func remove(_ key: CacheKey, for request: TimedRequest?) throws(StoreError) {
        guard !draw.chance(faults) else { throw StoreError("the file can't be removed", isSilent: false) }
        entries[key] = nil
    }
}
