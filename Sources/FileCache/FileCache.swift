import Digests
import Glibc
package import Proxy
package import Transport

/// The cache's layer in a folder of files, which survives a restart of the process.
///
/// Each entry is a file named by its key, written under another name and then renamed. If files need room, those that
/// weren't used for the longest time are removed. How much there is is counted anew after each eighth of the capacity
/// that was written: so two processes with the same folder exceed the capacity by an eighth at most.
///
/// `@unchecked Sendable`: used on the loop only.
package final class FileCache: CacheLayer, @unchecked Sendable {
    private let folder: String
    private let capacity: Int
    /// How much may be written before the files are counted again.
    private var room = CacheFolder.Amount()

    /// - Parameters:
    ///   - folder: made when the first entry is stored. It must belong to the process's user, and to nobody else,
    ///     because others could store responses there.
    ///   - capacity: in bytes. The number of files is bounded, too.
    package init(folder: String, capacity: Int) { (self.folder, self.capacity) = (folder, capacity) }

    /// A file that is longer than the limit, or isn't a regular file, is removed without being read.
    package func read(_ key: CacheKey, upTo limit: Int, for request: TimedRequest? = nil) throws(StoreError) -> [UInt8]?
    {
        guard let folder = try CacheFolder(folder) else { return nil }
        return try folder.read(Self.name(key), upTo: limit)
    }

    package func write(_ entry: [UInt8], for key: CacheKey, expires: Int64, within limit: Int?) throws(StoreError) {
        let size = CacheFolder.size(ofFile: entry.count)
        guard size <= capacity else { return }
        let folder = try CacheFolder(making: folder)
        let cost = CacheFolder.Amount(bytes: size, files: 1)
        if !room.covers(cost) {
            let share = CacheFolder.Amount(bytes: max(capacity / 8, size), files: Self.mostFiles / 8)
            try folder.clean(downTo: .init(bytes: capacity - share.bytes, files: Self.mostFiles - share.files))
            room = share
        }
        try folder.write(entry, as: Self.name(key))
        room.take(cost)
    }

    package func remove(_ key: CacheKey, for request: TimedRequest? = nil) throws(StoreError) {
        guard let folder = try CacheFolder(folder) else { return }
        folder.remove(Self.name(key))
    }

    private static func name(_ key: CacheKey) -> String { Hexadecimal.encode(key.bytes) }

    /// Bounds the time that counting takes.
    private static let mostFiles = 8192
}
